//! Publishes in batches of a hundred. The task asks for all events at once; lesson 23 is about limits.
//~ fails with: actual:   10000 receipts after 13000 ms
let mut receipts = Vec::new();
let mut events = events.into_iter();
loop {
    let batch = events.by_ref().take(100).map(|event| broker.clone().publish(event));
    let confirmed = futures::future::join_all(batch).await;
    if confirmed.is_empty() {
        return receipts;
    }
    receipts.extend(confirmed);
}
