//! Exercise 17.1: a relay that marks each event as soon as it is published, and leaves no task behind.

use shared::Journal;
use tokio::task::JoinSet;

/// Takes events. The tests bring their own, and only it knows how long each event takes.
pub trait Broker: Clone + Send + Sync + 'static {
    /// Returns when the event is published.
    fn publish(&self, event: &'static str) -> impl Future<Output = ()> + Send;
}

/// Publishes all events at once, and marks each as soon as it is published. Dropping this future stops all of it.
pub async fn relay(events: Vec<&'static str>, broker: impl Broker, journal: Journal) {
    // TODO: this marks in the order of the events, and its tasks continue when it is dropped.
    let mut tasks = Vec::new();
    for event in events {
        let broker = broker.clone();
        tasks.push(tokio::spawn(async move {
            broker.publish(event).await;
            event
        }));
    }
    for task in tasks {
        let event = task.await.expect("no publish panics");
        journal.log("relay", format_args!("marks {event}"));
    }
}
