//! Panics in tasks whose handles nobody keeps: a second task awaits the first, and sees how it ends.

use shared::Journal;
use tokio_util::task::TaskTracker;

use crate::broker::Broker;
use crate::service::send;

/// Spawns a task, and one that awaits it. The tracker waits for the second, which ends after the first.
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
            journal.log("watcher", format_args!("the task of row {row} panicked"));
        }
    });
}
// ANCHOR_END: spawn-watched

/// Publishes three rows, and says which are not published.
pub async fn watched(broker: Broker, journal: Journal) {
    let tracker = TaskTracker::new();
    for row in 1..=3 {
        spawn_watched(&tracker, row, send(row, broker, journal.clone()), journal.clone());
    }
    tracker.close();
    tracker.wait().await;
    journal.log("main", "all tasks have ended");
}
