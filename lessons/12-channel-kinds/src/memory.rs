//! What a queue may hold. 10,000 events a second come in, 1,000 a second are handled, each is 1 KB.

use std::time::Duration;

use shared::{Journal, Pace};
use tokio::sync::mpsc;
use tokio::time::{Instant, interval, interval_at, sleep};

/// The size of an event. Here an event is only its number, and we count.
pub const EVENT_BYTES: usize = 1024;
/// The places of the bounded queue: 1,000 times 1 KB is about 1 MB.
pub const PLACES: usize = 1_000;
/// Events that come in every 100 ms, as long as there is room.
pub const COME_IN: u64 = 1_000;
/// Events that are handled every 100 ms.
pub const HANDLED: u64 = 100;
/// How often both happen.
pub const TURN: Duration = Duration::from_millis(100);

/// Runs both sides for so many seconds, with a queue of 1,000 places. The producer waits for places.
pub async fn bounded(seconds: u64, journal: Journal, pace: Pace) {
    let (tx, mut rx) = mpsc::channel(PLACES);
    let producing = tokio::spawn(producer(tx, journal.clone(), pace));
    let mut turns = interval_at(Instant::now() + pace.of(TURN * 3 / 4), pace.of(TURN));
    for turn in 1..=seconds * 10 {
        turns.tick().await;
        for _ in 0..HANDLED {
            rx.recv().await.expect("the producer never ends by itself");
        }
        if is_reported(turn, seconds) {
            sleep(pace.of(TURN / 4)).await; // the places are taken again
            journal.log("consumer", waiting(rx.len()));
        }
    }
    drop(rx); // ends the producer: its next send fails
    producing.await.expect("the producer does not panic");
}

// ANCHOR: bounded
async fn producer(tx: mpsc::Sender<u64>, journal: Journal, pace: Pace) {
    let mut turns = interval(pace.of(TURN));
    for turn in 0.. {
        turns.tick().await;
        for number in 0..COME_IN {
            if tx.send(turn * COME_IN + number).await.is_err() {
                return; // nobody receives any more
            }
        }
        if turn == 0 {
            journal.log("producer", "has sent 1000 events: the queue is full");
        }
    }
}
// ANCHOR_END: bounded

/// After 1 s, and at the end.
pub(crate) fn is_reported(turn: u64, seconds: u64) -> bool {
    turn == 10 || turn == seconds * 10
}

/// What a queue of so many events holds.
pub(crate) fn waiting(events: usize) -> String {
    format!("{events} events wait: {} MB", events * EVENT_BYTES / 1_000_000)
}
