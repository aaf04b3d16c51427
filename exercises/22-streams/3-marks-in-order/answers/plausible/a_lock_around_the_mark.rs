//! A lock lets one future mark at a time. The first to wait is the first to be confirmed, and a write that waits for the lock keeps its slot.
//~ fails with: order 42 was expected to log "is sent" at 95 ms
let marking = tokio::sync::Mutex::new(());
let mut ended = ReceiverStream::new(orders)
    .map(async |order| {
        let receipt = broker.write(order).await;
        let _one_at_a_time = marking.lock().await;
        outbox.mark(receipt).await;
    })
    .buffered(3);
while ended.next().await.is_some() {}
