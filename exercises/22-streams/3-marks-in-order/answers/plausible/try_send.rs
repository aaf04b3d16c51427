//! `try_send` does not wait for a slot. A receipt that finds the channel full is dropped, and its order is never marked.
//~ fails with: all 120 orders must be written and marked
let (written, mut unmarked) = mpsc::channel(8);
let writing = async move {
    let mut receipts = ReceiverStream::new(orders).map(|order| broker.write(order)).buffered(3);
    while let Some(receipt) = receipts.next().await {
        written.try_send(receipt).ok();
    }
};
let marking = async {
    while let Some(receipt) = unmarked.recv().await {
        outbox.mark(receipt).await;
    }
};
tokio::join!(writing, marking);
