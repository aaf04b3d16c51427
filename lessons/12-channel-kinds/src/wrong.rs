//! The same ideas, done wrong. `tests/lesson.rs` proves what goes wrong: an early end, a mix-up, a loss, growth, a block.

use std::sync::mpsc as std_mpsc;
use std::time::Duration;

use shared::{Journal, Pace};
use tokio::sync::{broadcast, mpsc, watch};
use tokio::time::{Instant, interval, interval_at, sleep};

use crate::announce::{COUNTING_TAKES, mailer, publisher};
use crate::answer::PUBLISH_TAKES;
use crate::latest::BATCH_TAKES as SHIPPING_TAKES;
use crate::memory::{ARRIVING, HANDLED, TICK, backlog, is_reported};

/// Announces eight orders. The slow subscriber ends when it lags for the first time.
pub async fn ends_on_lag(journal: Journal, pace: Pace) {
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

/// Takes `Lagged` for the end: it is an `Err`, as `Closed` is.
// ANCHOR: ends-on-lag
async fn statistics(mut rx: broadcast::Receiver<u32>, journal: Journal, pace: Pace) {
    while let Ok(order) = rx.recv().await {
        journal.log("statistics", format_args!("got order {order}"));
        sleep(pace.of(COUNTING_TAKES)).await;
    }
    journal.log("statistics", "ended");
}
// ANCHOR_END: ends-on-lag

/// Two callers ask the relay to publish an event. Every receipt goes to both, and each takes the first to arrive.
pub async fn first_answer(journal: Journal) {
    let (tx, rx) = mpsc::channel(3);
    let answers = broadcast::Sender::new(4);
    let (first, second) = (answers.subscribe(), answers.subscribe());
    let tasks = [
        tokio::spawn(relay(rx, answers, journal.clone())),
        tokio::spawn(ask("caller 1", "upload completed", 0, tx.clone(), first, journal.clone())),
        tokio::spawn(ask("caller 2", "payment processed", 50, tx, second, journal)),
    ];
    for task in tasks {
        task.await.expect("no task panics");
    }
}

// ANCHOR: first-answer
pub(crate) async fn ask(
    caller: &'static str,
    event: &'static str,
    after_ms: u64,
    tx: mpsc::Sender<&'static str>,
    mut answers: broadcast::Receiver<u32>,
    journal: Journal,
) {
    sleep(Duration::from_millis(after_ms)).await;
    tx.send(event).await.expect("the relay outlives its callers");
    journal.log(caller, format_args!("asks to publish \"{event}\""));
    let receipt = answers.recv().await.expect("the relay answers every request");
    journal.log(caller, format_args!("has receipt {receipt}")); // whose?
}
// ANCHOR_END: first-answer

pub(crate) async fn relay(
    mut rx: mpsc::Receiver<&'static str>,
    answers: broadcast::Sender<u32>,
    journal: Journal,
) {
    let mut receipt = 0;
    while let Some(event) = rx.recv().await {
        sleep(PUBLISH_TAKES).await;
        receipt += 1;
        journal.log("relay", format_args!("published \"{event}\": receipt {receipt}"));
        drop(answers.send(receipt));
    }
}

/// Loses events: a `watch` keeps only the newest value.
// ANCHOR: events-through-watch
pub async fn events_through_watch(journal: Journal) {
    let (tx, mut rx) = watch::channel("order 1");
    let sender_journal = journal.clone();
    let sending = tokio::spawn(async move {
        for order in ["order 2", "order 3", "order 4"] {
            sleep(Duration::from_millis(100)).await;
            tx.send(order).expect("the consumer reads it");
            sender_journal.log("sender", format_args!("sent {order}"));
        }
    });
    loop {
        let order = *rx.borrow_and_update();
        journal.log("consumer", format_args!("ships {order}"));
        sleep(SHIPPING_TAKES).await;
        if rx.changed().await.is_err() {
            break;
        }
    }
    sending.await.expect("the sender does not panic");
}
// ANCHOR_END: events-through-watch

/// Grows for this many seconds: the producer never waits, so nothing slows it down.
// ANCHOR: unbounded
#[expect(clippy::disallowed_methods, reason = "the mistake that this shows: a queue without a bound")]
pub async fn unbounded(seconds: u64, journal: Journal, pace: Pace) {
    let (tx, mut rx) = mpsc::unbounded_channel();
    let producing = tokio::spawn(async move {
        let mut ticks = interval(pace.of(TICK));
        for _ in 0..seconds * 10 {
            ticks.tick().await;
            for number in 0..ARRIVING {
                tx.send(number).expect("the consumer is alive"); // not async: it always fits
            }
        }
    });
    // ANCHOR_END: unbounded
    let mut ticks = interval_at(Instant::now() + pace.of(TICK * 3 / 4), pace.of(TICK));
    for tick in 1..=seconds * 10 {
        ticks.tick().await;
        for _ in 0..HANDLED {
            rx.recv().await.expect("more events arrive than are handled");
        }
        if is_reported(tick, seconds) {
            sleep(pace.of(TICK / 4)).await;
            journal.log("consumer", backlog(rx.len()));
        }
    }
    producing.await.expect("the producer does not panic");
}

/// Waits with the standard library's channel: it blocks the thread, and the producer cannot run.
// ANCHOR: std-channel
pub async fn std_channel(journal: Journal) {
    let (tx, rx) = std_mpsc::channel();
    let producing = tokio::spawn({
        let journal = journal.clone();
        async move {
            sleep(Duration::from_millis(100)).await;
            let sent = tx.send("payment processed");
            journal.log("producer", if sent.is_ok() { "sent it" } else { "the receiver is gone" });
        }
    });
    journal.log("consumer", "waits and blocks its thread");
    match rx.recv_timeout(Duration::from_millis(200)) {
        Ok(event) => journal.log("consumer", format_args!("received \"{event}\"")),
        Err(_) => journal.log("consumer", "gave up after 200 ms"), // `recv` would hang
    }
    drop(rx);
    producing.await.expect("the producer does not panic");
}
// ANCHOR_END: std-channel
