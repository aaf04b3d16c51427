//! The same ideas gone wrong. `tests/lesson.rs` proves what each one does: it loses marks, hangs, or hides a panic.

use shared::Journal;
use tokio::sync::mpsc;
use tokio::time::interval;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::broker::{Broker, send};
use crate::service::{POLL_EVERY, mark, publish};

/// Loses marks: it returns as soon as it is asked to stop, and the runtime then drops the tasks that have not finished.
// ANCHOR: returns-at-once
pub async fn returns_at_once(stop: CancellationToken, broker: Broker, journal: Journal) {
    let (published, marks) = mpsc::channel(3);
    tokio::spawn(mark(marks, journal.clone()));
    tokio::spawn(poll_forever(broker, published, journal.clone()));

    stop.cancelled().await;
    journal.log("main", "returns, and the program ends");
}
// ANCHOR_END: returns-at-once

async fn poll_forever(broker: Broker, published: mpsc::Sender<u32>, journal: Journal) {
    let mut next_poll = interval(POLL_EVERY);
    for row in 1.. {
        next_poll.tick().await;
        tokio::spawn(publish(row, broker, published.clone(), journal.clone()));
    }
}

/// Loses marks: one token stops the marker together with the poller, although the marker is still needed.
// ANCHOR: one-token
pub async fn one_token(stop: CancellationToken, broker: Broker, journal: Journal) {
    let tracker = TaskTracker::new();
    let (published, marks) = mpsc::channel(3);
    let marking = mark(marks, journal.clone());
    tracker.spawn(stop.clone().run_until_cancelled_owned(marking));
    tracker.spawn(poll(stop, broker, tracker.clone(), published, journal.clone()));

    tracker.close();
    tracker.wait().await; // for all of them, in no particular order
    journal.log("main", "closes the database");
}
// ANCHOR_END: one-token

/// Hangs when the broker does: it waits without a limit.
// ANCHOR: no-deadline
pub async fn no_deadline(stop: CancellationToken, broker: Broker, journal: Journal) {
    let tracker = TaskTracker::new();
    let (published, marks) = mpsc::channel(3);
    let marking = tokio::spawn(mark(marks, journal.clone()));
    let polling = tokio::spawn(poll(stop, broker, tracker.clone(), published, journal.clone()));

    polling.await.expect("the poller does not panic");
    tracker.close();
    tracker.wait().await;
    marking.await.expect("the marker does not panic");
    journal.log("main", "closes the database");
}
// ANCHOR_END: no-deadline

async fn poll(
    stop: CancellationToken,
    broker: Broker,
    tracker: TaskTracker,
    published: mpsc::Sender<u32>,
    journal: Journal,
) {
    let mut next_poll = interval(POLL_EVERY);
    for row in 1.. {
        if stop.run_until_cancelled(next_poll.tick()).await.is_none() {
            break;
        }
        tracker.spawn(publish(row, broker, published.clone(), journal.clone()));
    }
    journal.log("poller", "takes no more rows");
}

/// Hangs: `wait` keeps waiting until the tracker is closed, even when it is empty.
// ANCHOR: never-closed
pub async fn never_closed(broker: Broker, journal: Journal) {
    let tracker = TaskTracker::new();
    for row in 1..=3 {
        tracker.spawn(send(row, broker, journal.clone()));
    }
    tracker.wait().await;
    journal.log("main", "all tasks have ended");
}
// ANCHOR_END: never-closed

/// Reports a success that did not happen: `wait` returns when all tasks have ended, no matter how.
// ANCHOR: silent-panic
pub async fn silent_panic(broker: Broker, journal: Journal) {
    let tracker = TaskTracker::new();
    for row in 1..=3 {
        tracker.spawn(send(row, broker, journal.clone())); // the handle is dropped
    }
    tracker.close();
    tracker.wait().await;
    journal.log("main", "reports: 3 rows are published");
}
// ANCHOR_END: silent-panic
