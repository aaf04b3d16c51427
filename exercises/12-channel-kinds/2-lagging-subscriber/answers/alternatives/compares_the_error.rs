//! The loop ends at `Closed`, whatever else is added to `RecvError` one day.

    loop {
        match orders.recv().await {
            Ok(order) => {
                check(&order, &journal).await;
                report.checked.push(order.number);
            }
            Err(error) if error == RecvError::Closed => return report,
            Err(error) => {
                if let RecvError::Lagged(missed) = error {
                    report.missed += missed;
                }
            }
        }
    }
