//! Takes without waiting while there are orders, and waits only when there is none.

    use tokio::sync::broadcast::error::TryRecvError;
    loop {
        let received = match orders.try_recv() {
            Err(TryRecvError::Empty) => orders.recv().await,
            Err(TryRecvError::Lagged(missed)) => Err(RecvError::Lagged(missed)),
            Err(TryRecvError::Closed) => Err(RecvError::Closed),
            Ok(order) => Ok(order),
        };
        match received {
            Ok(order) => {
                check(&order, &journal).await;
                report.checked.push(order.number);
            }
            Err(RecvError::Lagged(missed)) => report.missed += missed,
            Err(RecvError::Closed) => break,
        }
    }
    report
