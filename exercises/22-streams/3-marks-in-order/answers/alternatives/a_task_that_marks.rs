//! The marks are a task, which the relay awaits at the end.
let (written, mut unmarked) = mpsc::channel(8);
let marking = tokio::spawn(async move {
    while let Some(receipt) = unmarked.recv().await {
        outbox.mark(receipt).await;
    }
});
let mut receipts = ReceiverStream::new(orders).map(|order| broker.write(order)).buffered(3);
while let Some(receipt) = receipts.next().await {
    written.send(receipt).await.expect("marking ends after writing");
}
drop(written);
marking.await.expect("no mark panics");
