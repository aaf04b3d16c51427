//! The tests of exercise 20.3. Your file and the solution are tested by this one copy.

use std::time::Duration;

use shared::{HOUR, Journal, assert_journal};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use super::sut::poller;

/// Runs the poller, first with an interval of `every_s`. At 7 s somebody sets another one, and has gone at 30 s.
async fn story_of(every_s: u64, then_s: u64) -> Journal {
    let journal = Journal::new();
    let (tx, rx) = watch::channel(Duration::from_secs(every_s));
    let polling = tokio::spawn(poller(rx, journal.clone()));
    sleep(Duration::from_secs(7)).await;
    journal.log("operator", format_args!("sets {then_s} s"));
    tx.send_replace(Duration::from_secs(then_s));
    sleep(Duration::from_secs(23)).await;
    drop(tx);
    match timeout(2 * HOUR, polling).await {
        Ok(ended) => ended.expect("the poller does not panic"),
        Err(_) => journal.log("test", "gave up: the poller does not end"),
    }
    journal
}

#[tokio::test(start_paused = true)]
async fn a_shorter_interval_takes_effect_now() {
    let journal = story_of(3600, 9).await;
    assert_journal!(
        journal,
        [
            (0, "poller", "polls"),
            (7000, "operator", "sets 9 s"),
            (9000, "poller", "polls"), // 9 s after the last poll
            (18_000, "poller", "polls"),
            (27_000, "poller", "polls"),
            (30_000, "poller", "ends"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn one_that_has_passed_already_polls_at_once() {
    let journal = story_of(3600, 6).await;
    assert_journal!(
        journal,
        [
            (0, "poller", "polls"),
            (7000, "operator", "sets 6 s"),
            (7000, "poller", "polls"), // due since 6000
            (13_000, "poller", "polls"),
            (19_000, "poller", "polls"),
            (25_000, "poller", "polls"),
            (30_000, "poller", "ends"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_longer_interval_counts_from_the_last_poll() {
    let journal = story_of(5, 20).await;
    assert_journal!(
        journal,
        [
            (0, "poller", "polls"),
            (5000, "poller", "polls"),
            (7000, "operator", "sets 20 s"),
            (25_000, "poller", "polls"),
            (30_000, "poller", "ends"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn the_same_interval_again_delays_nothing() {
    let journal = story_of(11, 11).await;
    assert_journal!(
        journal,
        [
            (0, "poller", "polls"),
            (7000, "operator", "sets 11 s"),
            (11_000, "poller", "polls"),
            (22_000, "poller", "polls"),
            (30_000, "poller", "ends"),
        ]
    );
}
