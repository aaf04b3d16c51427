//! A relay that can be stopped: a token asks its parts to stop, and a tracker waits for the tasks that are in progress.

use std::time::Duration;

use shared::Journal;
use tokio::sync::mpsc;
use tokio::time::{interval, sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::broker::{Broker, send};
use crate::watched::spawn_watched;

/// How often the poller queries the database. It finds one row each time.
pub const POLL_EVERY: Duration = Duration::from_millis(100);
/// How long it takes to mark a row as published.
pub const MARK_TAKES: Duration = Duration::from_millis(30);
/// How long the tasks in progress may take once the poller has stopped.
pub const DEADLINE: Duration = Duration::from_millis(500);

/// Publishes rows until `stop` is cancelled, and returns when everything that was started is finished or given up.
// ANCHOR: run
pub async fn run(stop: CancellationToken, broker: Broker, journal: Journal) {
    let (tracker, abort) = (TaskTracker::new(), CancellationToken::new());
    let (published, marks) = mpsc::channel(3);
    let marking = tokio::spawn(mark(marks, journal.clone()));
    let polling = poll(stop, broker, tracker.clone(), abort.clone(), published, journal.clone());
    let polling = tokio::spawn(polling);

    // 1. No new work: the poller ends when it is asked to stop.
    polling.await.expect("the poller does not panic");

    // 2. The tasks in progress finish, or the deadline passes.
    tracker.close();
    if timeout(DEADLINE, tracker.wait()).await.is_err() {
        journal.log("main", format_args!("gives up; tasks left: {}", tracker.len()));
        abort.cancel();
        tracker.wait().await; // each publish is dropped at the await it has reached
    }

    // 3. The marker handles what is queued, and ends: the last sender was dropped with the last task.
    marking.await.expect("the marker does not panic");

    // 4. Nothing uses the database any more.
    journal.log("main", "closes the database");
}
// ANCHOR_END: run

/// Finds rows and spawns a task for each one, until it is asked to stop.
// ANCHOR: poll
async fn poll(
    stop: CancellationToken,
    broker: Broker,
    tracker: TaskTracker,
    abort: CancellationToken,
    published: mpsc::Sender<u32>,
    journal: Journal,
) {
    let mut next_poll = interval(POLL_EVERY);
    for row in 1.. {
        if stop.run_until_cancelled(next_poll.tick()).await.is_none() {
            break; // only the wait is cancelled
        }
        let publishing = publish(row, broker, published.clone(), journal.clone());
        let publishing = abort.clone().run_until_cancelled_owned(publishing);
        spawn_watched(&tracker, row, publishing, journal.clone());
    }
    journal.log("poller", "takes no more rows");
}
// ANCHOR_END: poll

/// Publishes a row, then passes it to the marker.
pub(crate) async fn publish(row: u32, broker: Broker, published: mpsc::Sender<u32>, journal: Journal) {
    send(row, broker, journal.clone()).await;
    if published.send(row).await.is_err() {
        journal.log(format_args!("task {row}"), format_args!("cannot pass on row {row}: the marker is gone"));
    }
}

/// Marks rows as published until no sender is left.
pub(crate) async fn mark(mut marks: mpsc::Receiver<u32>, journal: Journal) {
    while let Some(row) = marks.recv().await {
        sleep(MARK_TAKES).await; // an UPDATE
        journal.log("marker", format_args!("marked row {row} as published"));
    }
    journal.log("marker", "has marked everything");
}
