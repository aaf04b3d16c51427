//! A bounded channel: when it is full, `send` waits. That is backpressure.

use std::time::Duration;

use shared::Journal;
use tokio::sync::mpsc;
use tokio::time::sleep;

/// Sends four events through a channel with a capacity of three to a consumer that takes one every 100 ms. The fourth `send`
/// completes when the consumer takes the first event.
pub async fn fourth_send(journal: Journal) {
    let (tx, rx) = mpsc::channel(3);
    let tasks = [tokio::spawn(slow_consumer(rx, journal.clone())), tokio::spawn(four_sends(tx, journal))];
    for task in tasks {
        task.await.expect("no task panics");
    }
}

// ANCHOR: fourth-send
async fn four_sends(tx: mpsc::Sender<&'static str>, journal: Journal) {
    for event in ["event 1", "event 2", "event 3", "event 4"] {
        tx.send(event).await.expect("the consumer outlives its senders");
        let left = tx.capacity(); // free slots, not the 3 of `channel(3)`
        journal.log("producer", format_args!("sent {event}; free slots: {left}"));
    }
}
// ANCHOR_END: fourth-send

async fn slow_consumer(mut rx: mpsc::Receiver<&'static str>, journal: Journal) {
    loop {
        sleep(Duration::from_millis(100)).await; // busy with something else
        let Some(event) = rx.recv().await else { break };
        journal.log("consumer", format_args!("took {event}"));
    }
}
