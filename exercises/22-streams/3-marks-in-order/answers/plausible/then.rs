//! `then` waits for each mark before it polls the writes again. So does the loop of the starter.
//~ fails with: order 42 was expected to log "is sent" at 95 ms
let mut marked = std::pin::pin!(
    ReceiverStream::new(orders)
        .map(|order| broker.write(order))
        .buffered(3)
        .then(|receipt| outbox.mark(receipt))
);
while marked.next().await.is_some() {}
