//! The same ideas gone wrong. `tests/lesson.rs` proves what each does: it stops early, loses, mixes up, grows, or blocks.

use std::sync::mpsc as std_mpsc;
use std::time::Duration;

use shared::{Journal, Pace};
use tokio::sync::{broadcast, mpsc, watch};
use tokio::time::{Instant, interval, interval_at, sleep};

use crate::announce::{COUNTING_TAKES, mailer, publisher};
use crate::answer::PUBLISH_TAKES;
use crate::latest::BATCH_TAKES;
use crate::memory::{COME_IN, HANDLED, TURN, is_reported, waiting};

/// Announces eight orders. The slow subscriber ends when it is late for the first time.
pub async fn ends_when_late(journal: Journal, pace: Pace) {
    let (tx, rx) = broadcast::channel(3);
    let tasks = [
        tokio::spawn(mailer(tx.subscribe(), journal.clone())),
        tokio::spawn(statistics(rx, journal.clone(), pace)),
        tokio::spawn(publisher(tx, journal, pace)),
    ];
    for task in tasks {
        task.await.expect("no task panics");
    }
}

/// Takes `Lagged` for the end: both are `Err`.
// ANCHOR: ends-when-late
async fn statistics(mut rx: broadcast::Receiver<u32>, journal: Journal, pace: Pace) {
    while let Ok(order) = rx.recv().await {
        journal.log("statistics", format_args!("got order {order}"));
        sleep(pace.of(COUNTING_TAKES)).await;
    }
    journal.log("statistics", "ended");
}
// ANCHOR_END: ends-when-late

/// Two tasks have events published by a third, and all receipts go to everybody: the first one to come is taken.
pub async fn first_answer(journal: Journal) {
    let (requests, waiting) = mpsc::channel(3);
    let answers = broadcast::Sender::new(4);
    let (first, second) = (answers.subscribe(), answers.subscribe());
    let tasks = [
        tokio::spawn(relay(waiting, answers, journal.clone())),
        tokio::spawn(ask("asker 1", "upload completed", 0, requests.clone(), first, journal.clone())),
        tokio::spawn(ask("asker 2", "payment processed", 50, requests, second, journal)),
    ];
    for task in tasks {
        task.await.expect("no task panics");
    }
}

// ANCHOR: first-answer
async fn ask(
    task: &'static str,
    event: &'static str,
    after_ms: u64,
    requests: mpsc::Sender<&'static str>,
    mut answers: broadcast::Receiver<u32>,
    journal: Journal,
) {
    sleep(Duration::from_millis(after_ms)).await;
    requests.send(event).await.expect("the relay outlives its askers");
    journal.log(task, format_args!("asks to publish \"{event}\""));
    let receipt = answers.recv().await.expect("the relay answers every request");
    journal.log(task, format_args!("has receipt {receipt}")); // whose?
}
// ANCHOR_END: first-answer

async fn relay(mut waiting: mpsc::Receiver<&'static str>, answers: broadcast::Sender<u32>, journal: Journal) {
    let mut receipt = 0;
    while let Some(event) = waiting.recv().await {
        sleep(PUBLISH_TAKES).await;
        receipt += 1;
        journal.log("relay", format_args!("published \"{event}\": receipt {receipt}"));
        drop(answers.send(receipt));
    }
}

/// Loses events: a `watch` keeps the newest value only.
// ANCHOR: events-through-watch
pub async fn events_through_watch(journal: Journal) {
    let (tx, mut rx) = watch::channel("order 1");
    let notes = journal.clone();
    let sending = tokio::spawn(async move {
        for order in ["order 2", "order 3", "order 4"] {
            sleep(Duration::from_millis(100)).await;
            tx.send(order).expect("the consumer reads");
            notes.log("sender", format_args!("sends {order}"));
        }
    });
    loop {
        let order = *rx.borrow_and_update();
        journal.log("consumer", format_args!("ships {order}"));
        sleep(BATCH_TAKES).await; // shipping
        if rx.changed().await.is_err() {
            break;
        }
    }
    sending.await.expect("the sender does not panic");
}
// ANCHOR_END: events-through-watch

/// Grows for so many seconds: whoever produces never waits, so nobody tells it to slow down.
// ANCHOR: unbounded
#[expect(clippy::disallowed_methods, reason = "the mistake that this shows: a queue without an end")]
pub async fn unbounded(seconds: u64, journal: Journal, pace: Pace) {
    let (tx, mut rx) = mpsc::unbounded_channel();
    let producing = tokio::spawn(async move {
        let mut turns = interval(pace.of(TURN));
        for _ in 0..seconds * 10 {
            turns.tick().await;
            for number in 0..COME_IN {
                tx.send(number).expect("the consumer is there"); // not async: there is always room
            }
        }
    });
    // ANCHOR_END: unbounded
    let mut turns = interval_at(Instant::now() + pace.of(TURN * 3 / 4), pace.of(TURN));
    for turn in 1..=seconds * 10 {
        turns.tick().await;
        for _ in 0..HANDLED {
            rx.recv().await.expect("more comes in than is handled");
        }
        if is_reported(turn, seconds) {
            sleep(pace.of(TURN / 4)).await;
            journal.log("consumer", waiting(rx.len()));
        }
    }
    producing.await.expect("the producer does not panic");
}

/// Waits with the channel of the standard library: it blocks the thread, and the producer cannot run.
// ANCHOR: std-channel
pub async fn std_channel(journal: Journal) {
    let (tx, rx) = std_mpsc::channel();
    let producing = tokio::spawn({
        let journal = journal.clone();
        async move {
            sleep(Duration::from_millis(100)).await;
            let sent = tx.send("payment processed");
            journal.log("producer", if sent.is_ok() { "sent it" } else { "nobody is there any more" });
        }
    });
    journal.log("consumer", "waits, and blocks its thread");
    match rx.recv_timeout(Duration::from_millis(200)) {
        Ok(event) => journal.log("consumer", format_args!("received \"{event}\"")),
        Err(_) => journal.log("consumer", "gave up after 200 ms"), // `recv` would wait for ever
    }
    drop(rx);
    producing.await.expect("the producer does not panic");
}
// ANCHOR_END: std-channel
