//! With one mark in flight, the second stream has no free slot, and does not poll the first.
//~ fails with: order 42 was expected to log "is sent" at 95 ms
let mut marked = ReceiverStream::new(orders)
    .map(|order| broker.write(order))
    .buffered(3)
    .map(|receipt| outbox.mark(receipt))
    .buffered(1);
while marked.next().await.is_some() {}
