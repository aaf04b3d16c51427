//! A relay that publishes an outbox with a bounded number of events in flight. It reads no row before it can publish it.

use std::sync::Arc;

use futures::{StreamExt, stream};
use tokio::sync::Semaphore;
use tokio_util::task::TaskTracker;

use crate::broker::{Broker, Event};

/// Publishes the events, at most `limit` at the same time. Returns when all have ended.
// ANCHOR: permit-first
pub async fn permit_first(mut outbox: impl Iterator<Item = Event>, limit: usize, broker: Broker) {
    let permits = Arc::new(Semaphore::new(limit));
    let tasks = TaskTracker::new();
    loop {
        let permit = Arc::clone(&permits).acquire_owned().await.expect("it is never closed");
        let Some(event) = outbox.next() else { break }; // not read before it can be published
        let broker = broker.clone();
        tasks.spawn(async move {
            broker.publish(event).await;
            drop(permit); // the task owns the permit, until here
        });
    }
    tasks.close();
    tasks.wait().await;
}
// ANCHOR_END: permit-first

/// Publishes the events, at most `limit` at the same time, all of them in the caller's task.
// ANCHOR: for-each
pub async fn for_each(outbox: impl Iterator<Item = Event>, limit: usize, broker: &Broker) {
    stream::iter(outbox).for_each_concurrent(limit, |event| broker.publish(event)).await;
}
// ANCHOR_END: for-each
