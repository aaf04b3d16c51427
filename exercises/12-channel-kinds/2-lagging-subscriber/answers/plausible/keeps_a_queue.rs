//! Never lags, at the price of a queue without a limit.
//~ fails with: at 1160 ms auditor was expected to log "checks order 17", but logged "checks order 31"

    let (tx, mut queue) = tokio::sync::mpsc::unbounded_channel();
    let receiving = tokio::spawn(async move {
        let mut missed = 0;
        loop {
            match orders.recv().await {
                Ok(order) => drop(tx.send(order)),
                Err(RecvError::Lagged(more)) => missed += more,
                Err(RecvError::Closed) => return missed,
            }
        }
    });
    while let Some(order) = queue.recv().await {
        check(&order, &journal).await;
        report.checked.push(order.number);
    }
    report.missed = receiving.await.unwrap_or_default();
    report
