//! Takes a pause of ten seconds for the end.
//~ fails with: auditor was expected to log "ends" at 97230 ms, but did so at 10180 ms: 87050 ms too early

    while let Ok(received) = tokio::time::timeout(Duration::from_secs(10), orders.recv()).await {
        match received {
            Ok(order) => {
                check(&order, &journal).await;
                report.checked.push(order.number);
            }
            Err(RecvError::Lagged(missed)) => report.missed += missed,
            Err(RecvError::Closed) => return report,
        }
    }
    report
