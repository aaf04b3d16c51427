//! Exercise 18.2: a relay that is asked to stop while it waits, or while it publishes.

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// Takes events. The tests bring their own, and only it knows how long each event takes.
pub trait Broker: Clone + Send + Sync + 'static {
    /// Returns when the event is confirmed.
    fn publish(&self, event: &'static str) -> impl Future<Output = ()> + Send;
}

/// Publishes the events of the channel, one after another, until it is asked to stop or the channel has ended.
///
/// An event that is being published is finished first. Those that are still queued stay in the channel.
pub async fn relay(events: &mut mpsc::Receiver<&'static str>, stop: CancellationToken, broker: impl Broker) {
    // TODO: while it waits in `recv`, the relay does not notice that it is asked to stop.
    while !stop.is_cancelled() {
        let Some(event) = events.recv().await else { break };
        broker.publish(event).await;
    }
}
