//! Without tasks: the publishes are futures of the relay, and borrow the broker.
use futures::stream::{FuturesUnordered, StreamExt};
let (mut in_flight, broker) = (FuturesUnordered::new(), &broker);
loop {
    tokio::select! {
        biased;
        () = stop.cancelled() => break,
        Some(order) = in_flight.next() => confirmed.push(order),
        received = orders.recv(), if in_flight.len() < AT_ONCE => {
            let Some(order) = received else { break };
            in_flight.push(async move {
                broker.publish(order).await;
                order
            });
        }
    }
}
confirmed.extend(in_flight.collect::<Vec<_>>().await);
