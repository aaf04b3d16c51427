//! Spawns the marks, and returns when the last order is written.
//~ fails with: relay was expected to log "returns" at 645 ms, but did so at 415 ms
let (written, mut unmarked) = mpsc::channel(8);
tokio::spawn(async move {
    while let Some(receipt) = unmarked.recv().await {
        outbox.mark(receipt).await;
    }
});
let mut receipts = ReceiverStream::new(orders).map(|order| broker.write(order)).buffered(3);
while let Some(receipt) = receipts.next().await {
    written.send(receipt).await.expect("marking ends after writing");
}
