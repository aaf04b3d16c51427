//! A stream has all of it: its end, a bound, and results as they come. Dropping it drops what is in flight.
use futures::StreamExt;
let orders = tokio_stream::wrappers::ReceiverStream::new(orders).take_until(stop.cancelled_owned());
let publishing = orders.map(|order| {
    let broker = broker.clone();
    async move {
        broker.publish(order).await;
        order
    }
});
confirmed.extend(publishing.buffer_unordered(AT_ONCE).collect::<Vec<_>>().await);
