//! Tasks, and what owns them. It shows who waits for their end, who stops them, and who does neither.

use shared::Journal;
use tokio::task::{JoinSet, spawn_blocking as run_on_a_thread};
use tokio::time::{interval, sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::work::{ask, ms, publish};

// ANCHOR: spawn
/// One handle is awaited. The other is dropped, which detaches its task.
pub async fn spawn(journal: Journal) {
    let upload = tokio::spawn(publish("upload", 110, journal.clone()));
    let audit = tokio::spawn(publish("audit", 150, journal.clone()));
    drop(audit); // it runs on, and nobody learns how it ends
    journal.log("main", "is free for other work");
    let name = upload.await.expect("the upload does not panic");
    journal.log("main", format_args!("has the {name}"));
    sleep(ms(60)).await;
    journal.log("main", "ends");
}
// ANCHOR_END: spawn

// ANCHOR: spawn-blocking
/// A computation on a thread that may be blocked. The task answers others meanwhile.
pub async fn spawn_blocking(journal: Journal) {
    let file: Vec<u64> = (1..=100_000).collect();
    let summing = run_on_a_thread(move || file.iter().sum::<u64>());
    let sum = async {
        let sum = summing.await.expect("a sum does not panic");
        journal.log("relay", format_args!("has the checksum {sum}"));
    };
    tokio::join!(ask("stock", 70, 7, &journal), sum);
}
// ANCHOR_END: spawn-blocking

// ANCHOR: join-set
/// Results as they come. What is left at the end is aborted.
pub async fn join_set(journal: Journal) {
    let mut tasks = JoinSet::new();
    for (event, takes_ms) in [("upload", 110), ("payment", 150), ("notice", 70)] {
        tasks.spawn(publish(event, takes_ms, journal.clone()));
    }
    for _ in 0..2 {
        let ended = tasks.join_next().await.expect("three tasks are in the set");
        journal.log("relay", format_args!("marks the {}", ended.expect("no publish panics")));
    }
    tasks.shutdown().await; // aborts, and waits for the end; dropping the set only aborts
    journal.log("relay", "ends");
}
// ANCHOR_END: join-set

// ANCHOR: task-tracker
/// Waits for all tasks, and aborts none.
pub async fn task_tracker(journal: Journal) {
    let tracker = TaskTracker::new();
    for (event, takes_ms) in [("upload", 110), ("payment", 150), ("notice", 70)] {
        tracker.spawn(publish(event, takes_ms, journal.clone()));
    }
    tracker.close(); // `wait` returns when the tracker is closed and empty
    if timeout(ms(90), tracker.wait()).await.is_err() {
        journal.log("main", format_args!("still waits for {} tasks", tracker.len()));
    }
    tracker.wait().await;
    journal.log("main", "closes the database");
}
// ANCHOR_END: task-tracker

// ANCHOR: cancellation-token
/// Is asked to stop, and stops where it can: between two rows.
pub async fn cancellation_token(journal: Journal) {
    let stop = CancellationToken::new();
    let relay = tokio::spawn({
        let (stop, journal) = (stop.clone(), journal.clone());
        async move {
            let mut polls = interval(ms(50));
            while stop.run_until_cancelled(polls.tick()).await.is_some() {
                publish("row", 30, journal.clone()).await; // not cancelled
            }
            journal.log("relay", "takes no more rows");
        }
    });
    sleep(ms(65)).await;
    journal.log("operator", "asks the relay to stop");
    stop.cancel();
    relay.await.expect("the relay does not panic");
}
// ANCHOR_END: cancellation-token
