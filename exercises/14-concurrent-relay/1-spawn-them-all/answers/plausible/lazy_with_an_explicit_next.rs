//! The iterator of the chapter, still lazy: `next` spawns a task, and is called when the one before has ended.
//~ fails with: event 7 was expected to log "is sent" at 0 ms, but did so at 370 ms
let mut tasks = events.into_iter().map(|event| tokio::spawn(broker.clone().publish(event)));
let mut receipts = Vec::new();
while let Some(task) = tasks.next() {
    receipts.push(task.await.expect("no publish panics"));
}
receipts
