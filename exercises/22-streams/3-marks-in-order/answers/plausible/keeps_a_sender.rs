//! The sender is borrowed, and lives until both have ended. So marking waits for more, forever.
//~ fails with: the relay does not return
let (written, mut unmarked) = mpsc::channel(8);
let writing = async {
    let mut receipts = ReceiverStream::new(orders).map(|order| broker.write(order)).buffered(3);
    while let Some(receipt) = receipts.next().await {
        written.send(receipt).await.expect("marking ends after writing");
    }
};
let marking = async {
    while let Some(receipt) = unmarked.recv().await {
        outbox.mark(receipt).await;
    }
};
tokio::join!(writing, marking);
