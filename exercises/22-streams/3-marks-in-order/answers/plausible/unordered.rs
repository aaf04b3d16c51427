//! Marks in the order in which the writes are confirmed.
//~ fails with: the marks must be made in the order of the orders
let (written, mut unmarked) = mpsc::channel(8);
let writing = async move {
    let mut receipts = ReceiverStream::new(orders).map(|order| broker.write(order)).buffer_unordered(3);
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
