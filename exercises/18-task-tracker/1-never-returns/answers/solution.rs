//! Exercise 18.1: a function that keeps waiting after all its tasks have ended.

use tokio_util::task::TaskTracker;

/// Takes events. The tests bring their own, and only it knows how long each event takes.
pub trait Broker: Clone + Send + Sync + 'static {
    /// Returns when the event is confirmed.
    fn publish(&self, event: &'static str) -> impl Future<Output = ()> + Send;
}

/// Publishes each event in a task of its own, and returns when the last task has ended.
pub async fn publish_all(events: Vec<&'static str>, broker: impl Broker) {
    //~ begin
    let tracker = TaskTracker::new();
    for event in events {
        let broker = broker.clone();
        tracker.spawn(async move { broker.publish(event).await });
    }
    tracker.close();
    tracker.wait().await;
    //~ starter
    //~| // TODO: this never returns, although all tasks end. What does `wait` wait for?
    //~| let tracker = TaskTracker::new();
    //~| for event in events {
    //~|     let broker = broker.clone();
    //~|     tracker.spawn(async move { broker.publish(event).await });
    //~| }
    //~| tracker.wait().await;
    //~ end
}
