//! Exercise 31.1: a relay with three tools in the wrong place.

use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// At most this many orders are in flight.
pub const AT_ONCE: usize = 3;

/// Publishes orders. Clones are handles to the same broker. Do not change it.
pub trait Broker: Clone + Send + Sync + 'static {
    /// Returns when the order is confirmed.
    fn publish(&self, order: u32) -> impl Future<Output = ()> + Send;
}

/// Publishes the orders, and returns those that were confirmed.
pub async fn relay(
    mut orders: mpsc::Receiver<u32>,
    broker: impl Broker,
    stop: CancellationToken,
) -> Vec<u32> {
    let mut confirmed = Vec::new();
    //~ begin
    let mut in_flight = JoinSet::new();
    loop {
        // All branches are cancel safe: what they do not return, they have not taken.
        tokio::select! {
            biased; // after a stop, no order is taken
            () = stop.cancelled() => break,
            Some(ended) = in_flight.join_next() => confirmed.push(ended.expect("no publish panics")),
            received = orders.recv(), if in_flight.len() < AT_ONCE => {
                let Some(order) = received else { break };
                let broker = broker.clone();
                in_flight.spawn(async move {
                    broker.publish(order).await;
                    order
                });
            }
        }
    }
    while let Some(ended) = in_flight.join_next().await {
        confirmed.push(ended.expect("no publish panics"));
    }
    //~ starter
    //~| // TODO: a `watch`, a `spawn` and a token, each in the wrong place. Which tools fit?
    //~| let (report, mut reported) = watch::channel(0);
    //~| loop {
    //~|     tokio::select! {
    //~|         biased;
    //~|         () = stop.cancelled() => break,
    //~|         Ok(()) = reported.changed() => confirmed.push(*reported.borrow_and_update()),
    //~|         received = orders.recv() => {
    //~|             let Some(order) = received else { break };
    //~|             let (broker, report) = (broker.clone(), report.clone());
    //~|             tokio::spawn(async move {
    //~|                 broker.publish(order).await;
    //~|                 report.send_replace(order);
    //~|             });
    //~|         }
    //~|     }
    //~| }
    //~ end
    confirmed
}
