//! `collect` asks for every handle, so all tasks are spawned before the first await.
let handles: Vec<_> =
    outbox.into_iter().map(|event| tokio::spawn(publish(event, broker.clone()))).collect();
let mut receipts = Vec::with_capacity(handles.len());
for handle in handles {
    receipts.push(handle.await.expect("no publish panics"));
}
receipts
