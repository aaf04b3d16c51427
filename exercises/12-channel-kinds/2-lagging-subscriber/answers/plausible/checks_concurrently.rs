//! Spawns the checks, so it never lags, and checks any number of orders at once.
//~ fails with: auditor was expected to log "checks order 12" at 260 ms, but did so at 110 ms: 150 ms too early

    let mut checks = Vec::new();
    loop {
        match orders.recv().await {
            Ok(order) => {
                report.checked.push(order.number);
                let journal = journal.clone();
                checks.push(tokio::spawn(async move { check(&order, &journal).await }));
            }
            Err(RecvError::Lagged(missed)) => report.missed += missed,
            Err(RecvError::Closed) => break,
        }
    }
    for check in checks {
        check.await.expect("a check does not panic");
    }
    report
