//! `broadcast`: every subscriber gets every event. A slow one loses the oldest, and is told how many.

use std::time::Duration;

use shared::{Journal, Pace};
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::sleep;

/// How often an order is announced.
const EVERY: Duration = Duration::from_millis(100);
/// How long the slow subscriber works on each.
pub const COUNTING_TAKES: Duration = Duration::from_millis(430);

/// Announces eight orders to a fast and a slow subscriber. It asks for a capacity of three and gets four.
// ANCHOR: two-subscribers
pub async fn two_subscribers(journal: Journal, pace: Pace) {
    let (tx, rx) = broadcast::channel(3); // rounded up to a power of two
    let tasks = [
        tokio::spawn(mailer(tx.subscribe(), journal.clone())),
        tokio::spawn(statistics(rx, journal.clone(), pace)),
        tokio::spawn(publisher(tx, journal, pace)),
    ];
    for task in tasks {
        task.await.expect("no task panics");
    }
}

/// Announces an order every 100 ms, however slow its subscribers are.
pub async fn publisher(tx: broadcast::Sender<u32>, journal: Journal, pace: Pace) {
    for order in 1..=8 {
        tx.send(order).expect("there is a subscriber"); // not async: it does not wait for them
        sleep(pace.of(EVERY)).await;
    }
    journal.log("publisher", "has announced 8 orders");
}
// ANCHOR_END: two-subscribers

/// Takes no time for an order, so it gets them all.
pub async fn mailer(mut rx: broadcast::Receiver<u32>, journal: Journal) {
    while let Ok(order) = rx.recv().await {
        journal.log("mailer", format_args!("got order {order}"));
    }
}

/// Takes 430 ms for an order. Counts what was overwritten meanwhile, and continues with the oldest order that is left.
// ANCHOR: statistics
async fn statistics(mut rx: broadcast::Receiver<u32>, journal: Journal, pace: Pace) {
    loop {
        match rx.recv().await {
            Ok(order) => {
                journal.log("statistics", format_args!("got order {order}"));
                sleep(pace.of(COUNTING_TAKES)).await;
            }
            Err(RecvError::Lagged(missed)) => journal.log("statistics", format_args!("missed {missed}")),
            Err(RecvError::Closed) => break,
        }
    }
    journal.log("statistics", "ended: no sender left");
}
// ANCHOR_END: statistics
