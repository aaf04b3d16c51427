//! Gives each receipt 50 ms.
//~ fails with: the outcomes of orders

//~ region
    let mut queued = Vec::new();
    for order in orders {
        queued.push(bus.publish(*order).await);
    }
    let outcomes = queued.into_iter().map(async |queued| match queued {
        Ok(queued) => match tokio::time::timeout(Duration::from_millis(50), queued.receipt()).await {
            Ok(receipt) => outcome(receipt),
            Err(_) => Outcome::Unknown,
        },
        Err(Refused) => Outcome::Unsent,
    });
    join_all(outcomes).await
//~ region as solved
