//! The chapter's wrong version, written with a `match`: lagging is taken for the end.
//~ fails with: at 1160 ms auditor was expected to log "checks order 17", but never did

    loop {
        match orders.recv().await {
            Ok(order) => {
                check(&order, &journal).await;
                report.checked.push(order.number);
            }
            Err(_) => return report,
        }
    }
