//! A queue without a limit: when marks are slow, every order is written long before it is marked.
//~ fails with: orders were written and waited for their mark
let (written, mut unmarked) = mpsc::channel(1000);
let writing = async move {
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
