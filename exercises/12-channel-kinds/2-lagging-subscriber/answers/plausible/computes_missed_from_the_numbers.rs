//! Takes the numbers of the orders for consecutive ones.
//~ fails with: actual:   Report { checked: [7, 3], missed: 5 }

    loop {
        match orders.recv().await {
            Ok(order) => {
                check(&order, &journal).await;
                report.checked.push(order.number);
            }
            Err(RecvError::Lagged(_)) => {}
            Err(RecvError::Closed) => break,
        }
    }
    let highest = report.checked.iter().max().copied().unwrap_or(0);
    report.missed = u64::from(highest) - report.checked.len() as u64;
    report
