//! A `JoinSet` returns the results as they come, and each brings its position along.
let mut tasks = tokio::task::JoinSet::new();
for (position, event) in events.into_iter().enumerate() {
    let broker = broker.clone();
    tasks.spawn(async move { (position, broker.publish(event).await) });
}
let mut receipts = tasks.join_all().await;
receipts.sort_by_key(|(position, _)| *position);
receipts.into_iter().map(|(_, receipt)| receipt).collect()
