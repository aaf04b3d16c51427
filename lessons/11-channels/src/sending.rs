//! What `send` promises: the event is queued, or it comes back. And how to wait for a free slot safely.

use std::time::Duration;

use shared::Journal;
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};

use crate::producers::consumer;

/// Sends after the receiver is gone. Returns the event, which it takes from the error.
// ANCHOR: gone
pub async fn send_to_nobody(event: String) -> String {
    let (tx, rx) = mpsc::channel(3);
    drop(rx);
    let error = tx.send(event).await.expect_err("the receiver is gone");
    error.0 // the event: send it elsewhere, or keep it
}
// ANCHOR_END: gone

/// Sends a second event, with a deadline, through a channel that stays full for 250 ms. Loses nothing.
pub async fn reserve_then_send(journal: Journal) {
    let (tx, rx) = full_channel(&journal).await;
    let slow = tokio::spawn(slow_consumer(rx, journal.clone()));
    send_patiently(tx, "payment processed".to_owned(), journal).await;
    slow.await.expect("the consumer does not panic");
}

/// Waits for a free slot, 100 ms at a time, and keeps the event until it has one.
///
/// A cancelled `reserve` loses its turn among the waiting senders, and nothing else.
// ANCHOR: reserve
pub(crate) async fn send_patiently(tx: mpsc::Sender<String>, event: String, journal: Journal) {
    loop {
        match timeout(Duration::from_millis(100), tx.reserve()).await {
            Ok(permit) => {
                let permit = permit.expect("the consumer outlives its senders");
                permit.send(event); // the slot is ours: it does not wait
                journal.log("producer", "got a slot and sent the event");
                return;
            }
            Err(_elapsed) => journal.log("producer", "no free slot yet; keeps the event"),
        }
    }
}
// ANCHOR_END: reserve

/// A channel with a capacity of one, already full.
pub(crate) async fn full_channel(journal: &Journal) -> (mpsc::Sender<String>, mpsc::Receiver<String>) {
    let (tx, rx) = mpsc::channel(1);
    tx.send("upload completed".to_owned()).await.expect("the receiver is alive");
    journal.log("producer", "sent \"upload completed\"; the channel is full");
    (tx, rx)
}

/// Starts to receive after 250 ms.
pub(crate) async fn slow_consumer(rx: mpsc::Receiver<String>, journal: Journal) {
    sleep(Duration::from_millis(250)).await;
    consumer(rx, journal).await;
}
