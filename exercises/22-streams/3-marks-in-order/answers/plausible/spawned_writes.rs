//! Spawned writes go on during a mark. But nothing fills the slots that they free.
//~ fails with: order 42 was expected to log "is sent" at 95 ms
let mut receipts = ReceiverStream::new(orders)
    .map(|order| {
        let broker = broker.clone();
        tokio::spawn(async move { broker.write(order).await })
    })
    .buffered(3);
while let Some(receipt) = receipts.next().await {
    outbox.mark(receipt.expect("no write panics")).await;
}
