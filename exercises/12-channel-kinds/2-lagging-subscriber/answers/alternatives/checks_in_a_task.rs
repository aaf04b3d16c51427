//! Spawns each check, and awaits it before the next `recv`.

    loop {
        match orders.recv().await {
            Ok(order) => {
                let (number, journal) = (order.number, journal.clone());
                tokio::spawn(async move { check(&order, &journal).await }).await.expect("it does not panic");
                report.checked.push(number);
            }
            Err(RecvError::Lagged(missed)) => report.missed += missed,
            Err(RecvError::Closed) => return report,
        }
    }
