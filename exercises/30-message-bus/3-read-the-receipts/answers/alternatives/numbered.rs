//! Takes the receipts as they come, and puts each outcome where its row is.

//~ region
    use futures::StreamExt;
    let mut outcomes = vec![Outcome::Unsent; orders.len()];
    let mut receipts = futures::stream::FuturesUnordered::new();
    for (at, order) in orders.iter().enumerate() {
        let Ok(queued) = bus.publish(*order).await else { break };
        receipts.push(async move { (at, queued.receipt().await) });
    }
    while let Some((at, receipt)) = receipts.next().await {
        outcomes[at] = match receipt {
            Ok(receipt) if receipt.delivered > 0 && receipt.dropped == 0 => Outcome::Sent,
            Ok(_) => Outcome::Unsent,
            Err(Closed) => Outcome::Unknown,
        };
    }
    outcomes
//~ region
