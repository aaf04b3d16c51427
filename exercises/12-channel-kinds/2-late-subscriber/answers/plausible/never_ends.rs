//! Ignores every error, also the one that is the end. Then `recv` fails at once, again and again.
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
