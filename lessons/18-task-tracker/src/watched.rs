//! Panics in tasks whose handles nobody keeps: a second task awaits the first one and sees how it ended.

use shared::Journal;
use tokio_util::task::TaskTracker;

use crate::broker::{Broker, send};

/// Spawns a task, and a second one that awaits it. The tracker waits for the second, which ends after the first.
// ANCHOR: spawn-watched
pub fn spawn_watched(
    tracker: &TaskTracker,
    row: u32,
    publishing: impl Future<Output: Send> + Send + 'static,
    journal: Journal,
) {
    let task = tokio::spawn(publishing);
    tracker.spawn(async move {
        if task.await.is_err_and(|error| error.is_panic()) {
            journal.log("watcher", format_args!("the task for row {row} panicked"));
        }
    });
}
// ANCHOR_END: spawn-watched

/// Publishes three rows, and logs each one whose task panicked.
pub async fn watched(broker: Broker, journal: Journal) {
    let tracker = TaskTracker::new();
    for row in 1..=3 {
        spawn_watched(&tracker, row, send(row, broker, journal.clone()), journal.clone());
    }
    tracker.close();
    tracker.wait().await;
    journal.log("main", "all tasks have ended");
}
