//! The tests of exercise 11.2. Your file and the solution are tested by this one copy.

use std::collections::VecDeque;
use std::time::Duration;

use shared::{HOUR, Journal, assert_journal};
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};

use super::sut::deliver;

fn three_events() -> VecDeque<String> {
    ["order 1", "order 2", "order 3"].map(str::to_owned).into()
}

/// Takes `count` events, one every 250 ms, then waits 50 ms and goes away.
async fn consumer(count: usize, mut rx: mpsc::Receiver<String>, journal: Journal) {
    for _ in 0..count {
        sleep(Duration::from_millis(250)).await;
        let Some(event) = rx.recv().await else { break };
        journal.log("consumer", format_args!("took {event}"));
    }
    sleep(Duration::from_millis(50)).await;
    drop(rx);
    journal.log("consumer", "went away");
}

/// Runs the producer against a consumer that takes `count` events. Returns the story, and what was not sent.
async fn delivery(count: usize) -> (Journal, VecDeque<String>) {
    let journal = Journal::new();
    let (tx, rx) = mpsc::channel(1);
    let consuming = tokio::spawn(consumer(count, rx, journal.clone()));
    let left = match timeout(HOUR, deliver(three_events(), tx, journal.clone())).await {
        Ok(left) => left,
        Err(_) => {
            journal.log("test", "gave up: no task could go on");
            VecDeque::new()
        }
    };
    timeout(HOUR, consuming).await.expect("the consumer ends").expect("the consumer does not panic");
    (journal, left)
}

#[tokio::test(start_paused = true)]
async fn a_slow_consumer_receives_every_event() {
    let (journal, left) = delivery(3).await;
    assert_journal!(
        journal,
        [
            (0, "producer", "sent order 1"),
            (100, "producer", "waits for a place"),
            (200, "producer", "waits for a place"),
            (250, "consumer", "took order 1"),
            (250, "producer", "sent order 2"),
            (350, "producer", "waits for a place"),
            (450, "producer", "waits for a place"),
            (500, "consumer", "took order 2"),
            (500, "producer", "sent order 3"),
            (750, "consumer", "took order 3"),
            (800, "consumer", "went away"),
        ]
    );
    assert!(left.is_empty(), "everything was sent, and yet these came back: {left:?}");
}

#[tokio::test(start_paused = true)]
async fn when_the_consumer_goes_away_the_unsent_events_come_back() {
    let (journal, left) = delivery(1).await;
    assert_journal!(
        journal,
        [
            (0, "producer", "sent order 1"),
            (100, "producer", "waits for a place"),
            (200, "producer", "waits for a place"),
            (250, "consumer", "took order 1"),
            (250, "producer", "sent order 2"),
            (300, "consumer", "went away"),
        ]
    );
    assert_eq!(left, ["order 3"], "order 3 was never sent, so `deliver` must return it");
}
