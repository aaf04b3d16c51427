//! The same ideas, done wrong. `tests/lesson.rs` proves what goes wrong: a hang, a loss, a panic, a delay.

use std::time::Duration;

use shared::{Journal, Pace};
use tokio::sync::mpsc;
use tokio::time::{interval, sleep, timeout};

use crate::producers::{consumer, producer_1, producer_2};
use crate::relay::{BATCHES, POLL_EVERY, PUBLISH_TAKES};
use crate::sending::{full_channel, slow_consumer};

/// Hangs: this function keeps a sender and waits for the consumer, which waits for that sender to be dropped.
// ANCHOR: kept-sender
pub async fn kept_sender(journal: Journal) {
    let (tx, rx) = mpsc::channel(3);
    let tasks = [
        tokio::spawn(producer_1(tx.clone(), journal.clone())),
        tokio::spawn(producer_2(tx.clone(), journal.clone())), // a clone: `tx` stays here
        tokio::spawn(consumer(rx, journal.clone())),
    ];
    journal.log("main", "waits for the tasks while holding a sender");
    for task in tasks {
        task.await.expect("no task panics");
    }
}
// ANCHOR_END: kept-sender

/// Sends a second event, with a deadline, through a channel that stays full for 250 ms. Loses it.
pub async fn give_up_on_send(journal: Journal) {
    let (tx, rx) = full_channel(&journal).await;
    let slow = tokio::spawn(slow_consumer(rx, journal.clone()));
    send_within_100_ms(tx, "payment processed".to_owned(), journal).await;
    slow.await.expect("the consumer does not panic");
}

/// Loses the event when the time is up: `timeout` drops the future of `send`, and the event with it.
// ANCHOR: give-up
pub(crate) async fn send_within_100_ms(tx: mpsc::Sender<String>, event: String, journal: Journal) {
    match timeout(Duration::from_millis(100), tx.send(event)).await {
        Ok(sent) => sent.expect("the consumer outlives its senders"),
        // The event had moved into the future that `send` returned.
        Err(_elapsed) => journal.log("producer", "gave up; the event is gone"),
    }
}
// ANCHOR_END: give-up

/// Loses two events: it marks each as delivered when its `send` completes, but the consumer takes only one.
// ANCHOR: marked-when-sent
pub async fn marked_when_sent(journal: Journal) {
    let (tx, mut rx) = mpsc::channel(3);
    for event in ["order 1", "order 2", "order 3"] {
        tx.send(event).await.expect("the receiver is alive");
        journal.log("producer", format_args!("marked {event} as delivered"));
    }
    let event = rx.recv().await.expect("three events are queued");
    journal.log("consumer", format_args!("received {event}"));
    drop(rx); // the consumer stops; two queued events are dropped with the receiver
    journal.log("consumer", "stopped");
}
// ANCHOR_END: marked-when-sent

/// Panics: the capacity of a Tokio channel is at least 1. In Go, 0 is the default.
pub fn zero_capacity() {
    let _channel = mpsc::channel::<String>(0);
}

/// Late: one loop finds the work and does it, so it cannot look for more while it publishes.
// ANCHOR: one-loop
pub async fn one_loop(journal: Journal, pace: Pace) {
    let mut next_poll = interval(pace.of(POLL_EVERY));
    for batch in BATCHES {
        next_poll.tick().await;
        journal.log("loop", format_args!("found {} events", batch.len()));
        for event in batch {
            sleep(pace.of(PUBLISH_TAKES)).await; // publishing
            journal.log("loop", format_args!("published {event} and marked it"));
        }
    }
}
// ANCHOR_END: one-loop
