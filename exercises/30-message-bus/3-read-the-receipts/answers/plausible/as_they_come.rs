//! Collects the outcomes in the order in which the receipts arrive.
//~ fails with: the outcomes of orders

//~ region
    use futures::StreamExt;
    let mut receipts = futures::stream::FuturesUnordered::new();
    let mut refused = 0;
    for order in orders {
        match bus.publish(*order).await {
            Ok(queued) => receipts.push(queued.receipt()),
            Err(Refused) => refused += 1,
        }
    }
    let mut outcomes = Vec::new();
    while let Some(receipt) = receipts.next().await {
        outcomes.push(outcome(receipt));
    }
    outcomes.extend(vec![Outcome::Unsent; refused]);
    outcomes
//~ region as solved
