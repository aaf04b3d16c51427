//! The tests of exercise 20.3. Your file and the solution are tested by this one copy.

use std::time::Duration;

use shared::{HOUR, Journal, assert_journal};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};
use tokio_test::task;

use super::sut::poller;

/// Runs the poller with this interval. Each of the others is set at its millisecond, and at 30 s the sender is dropped.
async fn run(every_ms: u64, changes: &[(u64, u64)]) -> Journal {
    let (journal, (tx, rx)) = (Journal::new(), watch::channel(Duration::from_millis(every_ms)));
    let polling = tokio::spawn(poller(rx, journal.clone()));
    let mut now_ms = 0;
    for &(at_ms, every_ms) in changes {
        sleep(Duration::from_millis(at_ms - now_ms)).await;
        now_ms = at_ms;
        journal.log("operator", format_args!("sets {every_ms} ms"));
        tx.send_replace(Duration::from_millis(every_ms));
    }
    sleep(Duration::from_millis(30_000 - now_ms)).await;
    drop(tx);
    match timeout(2 * HOUR, polling).await {
        Ok(ended) => ended.expect("the poller does not panic"),
        Err(_) => journal.log("test", "gives up: no sender is left, and the poller has not ended"),
    }
    journal
}

#[tokio::test(start_paused = true)]
async fn a_shorter_interval_takes_effect_at_once() {
    let journal = run(3_600_000, &[(7013, 9370)]).await;
    assert_journal!(
        journal,
        [
            (0, "poller", "polls"),
            (7013, "operator", "sets 9370 ms"),
            (9370, "poller", "polls"), // 9370 ms after the last poll
            (18_740, "poller", "polls"),
            (28_110, "poller", "polls"),
            (30_000, "poller", "ends"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn an_interval_that_has_already_passed_polls_at_once() {
    let journal = run(3_600_000, &[(7013, 6130)]).await;
    assert_journal!(
        journal,
        [
            (0, "poller", "polls"),
            (7013, "operator", "sets 6130 ms"),
            (7013, "poller", "polls"), // due since 6130
            (13_143, "poller", "polls"),
            (19_273, "poller", "polls"),
            (25_403, "poller", "polls"),
            (30_000, "poller", "ends"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_longer_interval_counts_from_the_last_poll() {
    let journal = run(5130, &[(7013, 20_370)]).await;
    assert_journal!(
        journal,
        [
            (0, "poller", "polls"),
            (5130, "poller", "polls"),
            (7013, "operator", "sets 20370 ms"),
            (25_500, "poller", "polls"), // 20370 ms after the last poll
            (30_000, "poller", "ends"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn two_changes_between_two_polls() {
    let journal = run(3_600_000, &[(3011, 12_170), (7013, 15_290)]).await;
    assert_journal!(
        journal,
        [
            (0, "poller", "polls"),
            (3011, "operator", "sets 12170 ms"),
            (7013, "operator", "sets 15290 ms"),
            (15_290, "poller", "polls"), // only the latest interval counts
            (30_000, "poller", "ends"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn the_same_interval_again_delays_nothing() {
    let journal = run(11_090, &[(7013, 11_090), (9171, 11_090)]).await;
    assert_journal!(
        journal,
        [
            (0, "poller", "polls"),
            (7013, "operator", "sets 11090 ms"),
            (9171, "operator", "sets 11090 ms"),
            (11_090, "poller", "polls"),
            (22_180, "poller", "polls"),
            (30_000, "poller", "ends"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn it_waits_for_a_change() {
    let (_tx, rx) = watch::channel(HOUR);
    let mut polling = task::spawn(poller(rx, Journal::new()));
    assert!(polling.poll().is_pending(), "a sender exists, and the poller has ended");
    sleep(HOUR / 2).await;
    assert!(
        !polling.is_woken(),
        "nothing has changed and no poll was due for 30 minutes, but the poller was woken: does it look again and \
         again, instead of waiting?"
    );
}
