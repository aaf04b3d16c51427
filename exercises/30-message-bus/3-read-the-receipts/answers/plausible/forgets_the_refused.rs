//! Returns no outcome for the rows behind the one that was refused.
//~ fails with: the outcomes of orders

//~ region
    let mut queued = Vec::new();
    for order in orders {
        match bus.publish(*order).await {
            Ok(message) => queued.push(message),
            Err(Refused) => break,
        }
    }
    join_all(queued.into_iter().map(Queued::receipt)).await.into_iter().map(outcome).collect()
//~ region as solved
