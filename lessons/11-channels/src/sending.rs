//! What `send` promises: the event is queued, or it comes back. And how to wait for a place safely.

use std::time::Duration;

use shared::Journal;
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};

use crate::producers::consumer;

/// Sends to a receiver that is gone. Returns the event, which the error carries.
// ANCHOR: gone
pub async fn send_to_nobody(event: String) -> String {
    let (tx, rx) = mpsc::channel(3);
    drop(rx);
    let error = tx.send(event).await.expect_err("nobody can receive it");
    error.0 // the event, to send elsewhere or to keep
}
// ANCHOR_END: gone

/// Sends a second event through a channel that is full for 250 ms, with a deadline, and loses nothing.
pub async fn reserve_then_send(journal: Journal) {
    let (tx, rx) = full_channel(&journal).await;
    let slow = tokio::spawn(slow_consumer(rx, journal.clone()));
    send_patiently(tx, "payment processed".to_owned(), journal).await;
    slow.await.expect("the consumer does not panic");
}

/// Waits for a place, 100 ms at a time, and keeps the event until it has one.
///
/// A cancelled `reserve` loses the place in the line of waiting senders, and nothing else.
// ANCHOR: reserve
async fn send_patiently(tx: mpsc::Sender<String>, event: String, journal: Journal) {
    loop {
        match timeout(Duration::from_millis(100), tx.reserve()).await {
            Ok(permit) => {
                let permit = permit.expect("the consumer outlives its senders");
                permit.send(event); // neither waits nor fails
                journal.log("producer", "got a place and sent the event");
                return;
            }
            Err(_elapsed) => journal.log("producer", "no place yet; still has the event"),
        }
    }
}
// ANCHOR_END: reserve

/// A channel with one place, and that one taken.
pub(crate) async fn full_channel(journal: &Journal) -> (mpsc::Sender<String>, mpsc::Receiver<String>) {
    let (tx, rx) = mpsc::channel(1);
    tx.send("upload completed".to_owned()).await.expect("the receiver is here");
    journal.log("producer", "sent \"upload completed\"; now full");
    (tx, rx)
}

/// Starts to receive after 250 ms.
pub(crate) async fn slow_consumer(rx: mpsc::Receiver<String>, journal: Journal) {
    sleep(Duration::from_millis(250)).await;
    consumer(rx, journal).await;
}
