//! The tests of exercise 20.1. Your file and the solution are tested by this one copy.

use std::time::Duration;

use shared::{HOUR, Journal, assert_journal};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};
use tokio_test::task;

use super::sut::worker;

/// Runs the worker and sets each batch size at its millisecond. The sender is dropped right after the last one.
async fn run(
    batch_size: watch::Receiver<u32>,
    sender: watch::Sender<u32>,
    changes: &[(u64, u32)],
) -> Journal {
    let journal = Journal::new();
    let working = tokio::spawn(worker(batch_size, journal.clone()));
    let mut now_ms = 0;
    for &(at_ms, size) in changes {
        sleep(Duration::from_millis(at_ms - now_ms)).await;
        now_ms = at_ms;
        sender.send_replace(size);
    }
    drop(sender);
    match timeout(HOUR, working).await {
        Ok(ended) => ended.expect("the worker does not panic"),
        Err(_) => journal.log("test", "gives up: no sender is left, and the worker has not ended"),
    }
    journal
}

#[tokio::test(start_paused = true)]
async fn it_works_from_the_start_and_applies_each_change() {
    let (tx, rx) = watch::channel(100);
    let journal = run(rx, tx, &[(370, 200), (1130, 50), (1993, 300)]).await;
    assert_journal!(
        journal,
        [
            (0, "worker", "works with batches of 100"),
            (370, "worker", "works with batches of 200"),
            (1130, "worker", "works with batches of 50"),
            (1993, "worker", "works with batches of 300"), // and at the same moment the sender is dropped
            (1993, "worker", "ends"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_change_before_the_start_is_logged_once() {
    let (tx, rx) = watch::channel(100);
    tx.send_replace(200); // before the worker starts
    let journal = run(rx, tx, &[(370, 70)]).await;
    assert_journal!(
        journal,
        [
            (0, "worker", "works with batches of 200"),
            (370, "worker", "works with batches of 70"),
            (370, "worker", "ends"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn it_waits_for_a_change() {
    let (_tx, rx) = watch::channel(100);
    let mut working = task::spawn(worker(rx, Journal::new()));
    assert!(working.poll().is_pending(), "a sender exists, and the worker has ended");
    sleep(Duration::from_secs(10)).await;
    assert!(
        !working.is_woken(),
        "nothing has changed for 10 s, but the worker was woken: does it look again and again, instead of waiting?"
    );
}
