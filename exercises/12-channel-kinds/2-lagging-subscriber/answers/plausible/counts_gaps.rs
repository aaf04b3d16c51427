//! Counts how often it lagged, not how many orders it missed.
//~ fails with: checked: [70, 12, 45, 17, 91, 38, 50, 22, 77], missed: 2 }

    loop {
        match orders.recv().await {
            Ok(order) => {
                check(&order, &journal).await;
                report.checked.push(order.number);
            }
            Err(RecvError::Lagged(_)) => report.missed += 1,
            Err(RecvError::Closed) => return report,
        }
    }
