//! Exercise 23.1: a relay that reads a row when it can publish it, and not before.

use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio_util::task::TaskTracker;

/// Publishes rows. Only the broker knows how long a row takes.
pub trait Broker: Clone + Send + Sync + 'static {
    fn publish(&self, row: u32) -> impl Future<Output = ()> + Send;
}

/// At most this many rows are published at the same time.
pub const AT_ONCE: usize = 3;

/// Publishes all rows of the outbox, at most three at the same time. Returns when the last one has been published.
pub async fn relay(mut outbox: impl Iterator<Item = u32>, broker: impl Broker) {
    let permits = Arc::new(Semaphore::new(AT_ONCE));
    let tasks = TaskTracker::new();
    // TODO: this reads the whole outbox at once, and spawns a task for each row. Bound both.
    for row in outbox {
        let (permits, broker) = (permits.clone(), broker.clone());
        tasks.spawn(async move {
            let _permit = permits.acquire().await.expect("it is never closed");
            broker.publish(row).await;
        });
    }
    tasks.close();
    tasks.wait().await;
}
