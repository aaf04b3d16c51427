//! Checks for an order a thousand times a second.
//~ fails with: it keeps checking instead of waiting for the next order

    use tokio::sync::broadcast::error::TryRecvError;
    loop {
        match orders.try_recv() {
            Ok(order) => {
                check(&order, &journal).await;
                report.checked.push(order.number);
            }
            Err(TryRecvError::Lagged(missed)) => report.missed += missed,
            Err(TryRecvError::Empty) => sleep(Duration::from_millis(1)).await,
            Err(TryRecvError::Closed) => return report,
        }
    }
