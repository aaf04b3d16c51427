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
    // TODO: a `watch`, a `spawn` and a token, each in the wrong place. Which tools fit?
    let (report, mut reported) = watch::channel(0);
    loop {
        tokio::select! {
            biased;
            () = stop.cancelled() => break,
            Ok(()) = reported.changed() => confirmed.push(*reported.borrow_and_update()),
            received = orders.recv() => {
                let Some(order) = received else { break };
                let (broker, report) = (broker.clone(), report.clone());
                tokio::spawn(async move {
                    broker.publish(order).await;
                    report.send_replace(order);
                });
            }
        }
    }
    confirmed
}
