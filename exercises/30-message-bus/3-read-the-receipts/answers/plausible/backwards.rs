//! Publishes from the last row to the first, because it then takes the receipts off a stack.
//~ fails with: in the order of the rows

//~ region
    let mut queued = Vec::new();
    for order in orders.iter().rev() {
        queued.push(bus.publish(*order).await);
    }
    let mut outcomes = Vec::new();
    while let Some(queued) = queued.pop() {
        outcomes.push(match queued {
            Ok(queued) => outcome(queued.receipt().await),
            Err(Refused) => Outcome::Unsent,
        });
    }
    outcomes
//~ region as solved
