//! A second stream, over the channel between the two.
let (written, unmarked) = mpsc::channel(8);
let receipts = ReceiverStream::new(orders).map(|order| broker.write(order)).buffered(3);
let writing = async {
    let written = written; // moved, and dropped at the end
    receipts.for_each(async |receipt| written.send(receipt).await.expect("marking ends after writing")).await;
};
let marking = ReceiverStream::new(unmarked).for_each(|receipt| outbox.mark(receipt));
tokio::join!(writing, marking);
