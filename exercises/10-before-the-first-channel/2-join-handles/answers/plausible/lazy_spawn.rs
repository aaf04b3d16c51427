//! An iterator is lazy: each task is spawned when the loop asks for it, after the one before has ended.
//~ fails with: event 7 was expected to log "was sent" at 0 ms, but did so at 137 ms
let handles = outbox.into_iter().map(|event| tokio::spawn(publish(event, broker.clone())));
let mut receipts = Vec::new();
for handle in handles {
    receipts.push(handle.await.expect("no publish panics"));
}
receipts
