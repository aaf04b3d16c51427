//! Writes everything first, and marks afterwards.
//~ fails with: order 31 is at 5001
let receipts: Vec<Receipt> =
    ReceiverStream::new(orders).map(|order| broker.write(order)).buffered(3).collect().await;
for receipt in receipts {
    outbox.mark(receipt).await;
}
