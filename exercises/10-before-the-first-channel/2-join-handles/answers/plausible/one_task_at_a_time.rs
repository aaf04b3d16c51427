//! A `JoinSet` does not help where each task is joined before the next is spawned.
//~ fails with: event 7 was expected to log "was sent" at 0 ms, but did so at 137 ms
let mut tasks = tokio::task::JoinSet::new();
let mut receipts = Vec::new();
for event in outbox {
    tasks.spawn(publish(event, broker.clone()));
    receipts.extend(tasks.join_next().await.transpose().expect("no publish panics"));
}
receipts
