//! A `JoinSet` returns the tasks as they end.
//~ fails with: the receipts must be those that the broker gave for events 31, 7 and 19, in this order
let mut tasks = tokio::task::JoinSet::new();
for event in outbox {
    tasks.spawn(publish(event, broker.clone()));
}
tasks.join_all().await
