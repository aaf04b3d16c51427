//! Returns at the first refusal, and leaves the receipts of those before it unread.
//~ fails with: the outcomes of orders

//~ region
    let mut queued = Vec::new();
    for order in orders {
        match bus.publish(*order).await {
            Ok(message) => queued.push(message),
            Err(Refused) => return vec![Outcome::Unsent; orders.len()],
        }
    }
    join_all(queued.into_iter().map(Queued::receipt)).await.into_iter().map(outcome).collect()
//~ region as solved
