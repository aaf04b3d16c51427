//! Ignores `Closed`, so the loop never ends: `recv` returns it at once, every time.
//~ fails with: or does not notice the end

    loop {
        match orders.recv().await {
            Ok(order) => {
                check(&order, &journal).await;
                report.checked.push(order.number);
            }
            Err(RecvError::Lagged(missed)) => report.missed += missed,
            Err(RecvError::Closed) => continue,
        }
    }
