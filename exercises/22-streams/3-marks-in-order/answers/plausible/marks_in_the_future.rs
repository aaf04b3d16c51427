//! Writes and marks in one future, as the relay of the chapter does. This outbox takes one mark at a time.
//~ fails with: is marked while another is
let mut ended = ReceiverStream::new(orders)
    .map(async |order| outbox.mark(broker.write(order).await).await)
    .buffered(3);
while ended.next().await.is_some() {}
