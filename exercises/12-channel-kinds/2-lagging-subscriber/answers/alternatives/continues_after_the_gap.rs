//! The two errors first, then the order.

    loop {
        let order = match orders.recv().await {
            Ok(order) => order,
            Err(RecvError::Lagged(missed)) => {
                report.missed += missed;
                continue;
            }
            Err(RecvError::Closed) => break,
        };
        report.checked.push(order.number);
        check(&order, &journal).await;
    }
    report
