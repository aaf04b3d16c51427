//! `buffered` returns results in the order of the orders, and a slot stays busy until it is its turn.
//~ fails with: order 8 was expected to log "is sent" at 45 ms
use futures::StreamExt;
let orders = tokio_stream::wrappers::ReceiverStream::new(orders).take_until(stop.cancelled_owned());
let publishing = orders.map(|order| {
    let broker = broker.clone();
    async move {
        broker.publish(order).await;
        order
    }
});
confirmed.extend(publishing.buffered(AT_ONCE).collect::<Vec<_>>().await);
