//! A new subscription starts behind everything that the channel still holds.
//~ fails with: at 1160 ms auditor was expected to log "checks order 17", but never did

    loop {
        match orders.recv().await {
            Ok(order) => {
                check(&order, &journal).await;
                report.checked.push(order.number);
            }
            Err(RecvError::Lagged(missed)) => {
                report.missed += missed;
                orders = orders.resubscribe();
            }
            Err(RecvError::Closed) => return report,
        }
    }
