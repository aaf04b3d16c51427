//! Looks every 10 ms whether all tasks have ended, instead of waiting for them.
//~ fails with: relay was expected to log "has its receipts" at 371 ms, but did so at 380 ms
let handles: Vec<_> =
    outbox.into_iter().map(|event| tokio::spawn(publish(event, broker.clone()))).collect();
while !handles.iter().all(|handle| handle.is_finished()) {
    sleep(Duration::from_millis(10)).await;
}
let mut receipts = Vec::new();
for handle in handles {
    receipts.push(handle.await.expect("no publish panics"));
}
receipts
