//! A relay that publishes each event in a task, and learns the outcome of each as soon as its task ends.

use std::time::Duration;

use shared::Journal;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::event::Event;

/// Publishes all events concurrently. Logs each outcome as soon as it is known.
///
/// When it is dropped, the set is dropped with it, which aborts the tasks that are still running.
// ANCHOR: as-they-come
pub async fn relay(events: Vec<Event>, journal: Journal) {
    let mut tasks = JoinSet::new();
    for event in events {
        tasks.spawn(event.publish(journal.clone()));
    }
    while let Some(ended) = tasks.join_next().await {
        match ended.expect("no publish panics") {
            Ok(name) => journal.log("relay", format_args!("marks the {name}")),
            Err(refused) => journal.log("relay", format_args!("Error: {refused}")),
        }
    }
}
// ANCHOR_END: as-they-come

/// Runs a relay for at most `limit`, and then drops it.
// ANCHOR: stop-after
pub async fn stop_after(limit: Duration, relay: impl Future<Output = ()>, journal: &Journal) {
    if timeout(limit, relay).await.is_err() {
        journal.log("main", "stops the relay");
    }
}
// ANCHOR_END: stop-after
