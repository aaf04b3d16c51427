//! Awaits the previous task after the next has been spawned, so that only two run at the same time.
//~ fails with: event 19 was expected to log "was sent" at 0 ms, but did so at 137 ms
let mut receipts = Vec::new();
let mut previous: Option<tokio::task::JoinHandle<Receipt>> = None;
for event in outbox {
    let next = tokio::spawn(publish(event, broker.clone()));
    if let Some(previous) = previous.replace(next) {
        receipts.push(previous.await.expect("no publish panics"));
    }
}
if let Some(last) = previous {
    receipts.push(last.await.expect("no publish panics"));
}
receipts
