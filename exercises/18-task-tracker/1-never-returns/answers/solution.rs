//! Exercise 18.1: a function that waits for tasks that have all ended.

use std::time::Duration;

use shared::Journal;
use tokio::time::sleep;
use tokio_util::task::TaskTracker;

/// Publishes each event in a task of its own, and returns when all tasks have ended.
pub async fn publish_all(events: Vec<&'static str>, journal: Journal) {
    let tracker = TaskTracker::new();
    for event in events {
        tracker.spawn(publish(event, journal.clone()));
    }
    //~ begin
    tracker.close();
    //~ starter
    //~| // TODO: this never returns, although all tasks end. What does `wait` wait for?
    //~ end
    tracker.wait().await;
    journal.log("main", "all events are published");
}

/// Publishes an event, which takes 10 ms for each character of its name. Do not change it.
async fn publish(event: &'static str, journal: Journal) {
    sleep(Duration::from_millis(10) * u32::try_from(event.len()).expect("a name is short")).await;
    journal.log(event, "published");
}
