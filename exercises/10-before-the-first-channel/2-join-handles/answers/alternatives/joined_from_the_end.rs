//! In which order the handles are awaited does not matter, as long as the receipts are put in order.
let mut handles: Vec<_> =
    outbox.into_iter().map(|event| tokio::spawn(publish(event, broker.clone()))).collect();
let mut receipts = Vec::new();
while let Some(handle) = handles.pop() {
    receipts.push(handle.await.expect("no publish panics"));
}
receipts.reverse();
receipts
