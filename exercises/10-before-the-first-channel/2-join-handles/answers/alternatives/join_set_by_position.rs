//! Takes the receipts as they come, and sorts them by their position in the outbox.
let mut tasks = tokio::task::JoinSet::new();
for (position, event) in outbox.into_iter().enumerate() {
    let publishing = publish(event, broker.clone());
    tasks.spawn(async move { (position, publishing.await) });
}
let mut receipts = tasks.join_all().await;
receipts.sort_by_key(|(position, _)| *position);
receipts.into_iter().map(|(_, receipt)| receipt).collect()
