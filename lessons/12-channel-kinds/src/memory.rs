//! How much a queue holds when 10,000 events of 1 KB arrive every second, and 1,000 are handled.

use std::time::Duration;

use shared::{Journal, Pace};
use tokio::sync::mpsc;
use tokio::time::{Instant, interval, interval_at, sleep};

/// The size of an event. Here an event is only a number, and the size is calculated.
pub const EVENT_BYTES: usize = 1024;
/// The capacity of the bounded queue: 1,000 times 1 KB is about 1 MB.
pub const CAPACITY: usize = 1_000;
/// Events that arrive every 100 ms, as long as there are free slots.
pub const ARRIVING: u64 = 1_000;
/// Events that are handled every 100 ms.
pub const HANDLED: u64 = 100;
/// How often both happen.
pub const TICK: Duration = Duration::from_millis(100);

/// Runs both sides for this many seconds, with a queue of 1,000 slots. The producer waits for free slots.
pub async fn bounded(seconds: u64, journal: Journal, pace: Pace) {
    let (tx, mut rx) = mpsc::channel(CAPACITY);
    let producing = tokio::spawn(producer(tx, journal.clone(), pace));
    let mut ticks = interval_at(Instant::now() + pace.of(TICK * 3 / 4), pace.of(TICK));
    for tick in 1..=seconds * 10 {
        ticks.tick().await;
        for _ in 0..HANDLED {
            rx.recv().await.expect("the producer ends only when the consumer does");
        }
        if is_reported(tick, seconds) {
            sleep(pace.of(TICK / 4)).await; // the producer fills the free slots
            journal.log("consumer", backlog(rx.len()));
        }
    }
    drop(rx); // ends the producer: its next send fails
    producing.await.expect("the producer does not panic");
}

// ANCHOR: bounded
async fn producer(tx: mpsc::Sender<u64>, journal: Journal, pace: Pace) {
    let mut ticks = interval(pace.of(TICK));
    for tick in 0.. {
        ticks.tick().await;
        for number in 0..ARRIVING {
            if tx.send(tick * ARRIVING + number).await.is_err() {
                return; // the consumer is gone
            }
        }
        if tick == 0 {
            journal.log("producer", "has sent 1000 events: the queue is full");
        }
    }
}
// ANCHOR_END: bounded

/// After 1 s, and at the end.
pub(crate) fn is_reported(tick: u64, seconds: u64) -> bool {
    tick == 10 || tick == seconds * 10
}

/// How much memory this many queued events take.
pub(crate) fn backlog(events: usize) -> String {
    format!("{events} events queued: {} MB", events * EVENT_BYTES / 1_000_000)
}
