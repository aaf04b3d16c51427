//! The tests of exercise 18.2. Your file and the solution are tested by this one copy.

use std::time::Duration;

use shared::{HOUR, Journal, assert_journal};
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::sut::relay;

/// Sends each event at its millisecond, asks the relay to stop at `stop_at_ms`, and returns the story. Somebody holds a
/// sender for an hour more.
async fn story_of(events: &[(u64, &'static str)], stop_at_ms: Option<u64>) -> Journal {
    let journal = Journal::new();
    let stop = CancellationToken::new();
    let (tx, rx) = mpsc::channel(8);
    let relaying = tokio::spawn(relay(rx, stop.clone(), journal.clone()));
    if let Some(stop_at_ms) = stop_at_ms {
        let (journal, tx) = (journal.clone(), tx.clone());
        tokio::spawn(async move {
            sleep(Duration::from_millis(stop_at_ms)).await;
            journal.log("operator", "asks the relay to stop");
            stop.cancel();
            sleep(2 * HOUR).await;
            drop(tx);
        });
    }
    let mut at_ms = 0;
    for &(next_ms, event) in events {
        sleep(Duration::from_millis(next_ms - at_ms)).await;
        at_ms = next_ms;
        tx.send(event).await.ok(); // fails when the relay has stopped
    }
    drop(tx);
    match timeout(HOUR, relaying).await {
        Ok(ended) => ended.expect("the relay does not panic"),
        Err(_) => journal.log("test", "gave up: the relay does not stop"),
    }
    journal
}

#[tokio::test(start_paused = true)]
async fn asked_while_it_waits_it_stops_at_once() {
    let journal = story_of(&[(0, "order 1"), (1000, "order 2")], Some(250)).await;
    assert_journal!(
        journal,
        [
            (0, "relay", "sends order 1"),
            (200, "relay", "has order 1 confirmed"),
            (250, "operator", "asks the relay to stop"),
            (250, "relay", "stops"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn asked_while_it_publishes_it_finishes_that_event() {
    let journal = story_of(&[(100, "order 1")], Some(250)).await;
    assert_journal!(
        journal,
        [
            (100, "relay", "sends order 1"),
            (250, "operator", "asks the relay to stop"),
            (300, "relay", "has order 1 confirmed"),
            (300, "relay", "stops"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn it_takes_no_other_event_although_some_are_queued() {
    for _ in 0..20 {
        // Twenty times: where chance decides, once would not show it.
        let journal = story_of(&[(0, "order 1"), (1, "order 2"), (2, "order 3")], Some(250)).await;
        assert_journal!(
            journal,
            [
                (0, "relay", "sends order 1"),
                (200, "relay", "has order 1 confirmed"),
                (200, "relay", "sends order 2"),
                (250, "operator", "asks the relay to stop"),
                (400, "relay", "has order 2 confirmed"),
                (400, "relay", "stops"),
            ]
        );
    }
}

#[tokio::test(start_paused = true)]
async fn it_ends_with_its_channel_too() {
    let journal = story_of(&[(0, "order 1")], None).await;
    assert_journal!(
        journal,
        [(0, "relay", "sends order 1"), (200, "relay", "has order 1 confirmed"), (200, "relay", "stops"),]
    );
}
