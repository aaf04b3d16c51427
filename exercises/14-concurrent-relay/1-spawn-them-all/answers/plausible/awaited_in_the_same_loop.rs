//! Awaits each task before it spawns the next one: the loop of lesson 10, and as slow as the lazy iterator.
//~ fails with: event 7 was expected to log "is sent" at 0 ms, but did so at 370 ms
let mut receipts = Vec::new();
for event in events {
    let task = tokio::spawn(broker.clone().publish(event));
    receipts.push(task.await.expect("no publish panics"));
}
receipts
