//! The tests of exercise 20.1. Your file and the solution are tested by this one copy.

use std::time::Duration;

use shared::{HOUR, Journal, assert_journal};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use super::sut::worker;

/// Runs the worker while somebody sets each batch size at its millisecond, and has gone after 2 s.
async fn story_of(batch_size: watch::Sender<u32>, changes: &[(u64, u32)]) -> Journal {
    let journal = Journal::new();
    let working = tokio::spawn(worker(batch_size.subscribe(), journal.clone()));
    let mut now_ms = 0;
    for &(at_ms, size) in changes {
        sleep(Duration::from_millis(at_ms - now_ms)).await;
        now_ms = at_ms;
        batch_size.send_replace(size);
    }
    sleep(Duration::from_millis(2000 - now_ms)).await;
    drop(batch_size);
    match timeout(HOUR, working).await {
        Ok(ended) => ended.expect("the worker does not panic"),
        Err(_) => journal.log("test", "gave up: the worker does not end"),
    }
    journal
}

#[tokio::test(start_paused = true)]
async fn it_works_from_the_start_and_takes_on_each_change() {
    let journal = story_of(watch::Sender::new(100), &[(500, 200), (1000, 300)]).await;
    assert_journal!(
        journal,
        [
            (0, "worker", "works with batches of 100"),
            (500, "worker", "works with batches of 200"),
            (1000, "worker", "works with batches of 300"),
            (2000, "worker", "ends"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_change_before_it_starts_is_seen_once() {
    let journal = Journal::new();
    let (tx, rx) = watch::channel(100);
    tx.send_replace(200); // and only then it starts
    let working = tokio::spawn(worker(rx, journal.clone()));
    sleep(Duration::from_millis(100)).await;
    drop(tx);
    timeout(HOUR, working).await.expect("the worker does not end").expect("the worker does not panic");
    assert_journal!(journal, [(0, "worker", "works with batches of 200"), (100, "worker", "ends")]);
}
