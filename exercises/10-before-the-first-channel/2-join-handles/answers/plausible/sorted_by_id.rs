//! Sorts by id. That is not the order of the outbox.
//~ fails with: the receipts must be those that the broker gave for events 31, 7 and 19, in this order
let mut tasks = tokio::task::JoinSet::new();
for event in outbox {
    let publishing = publish(event, broker.clone());
    tasks.spawn(async move { (event.id, publishing.await) });
}
let mut receipts = tasks.join_all().await;
receipts.sort_by_key(|(id, _)| *id);
receipts.into_iter().map(|(_, receipt)| receipt).collect()
