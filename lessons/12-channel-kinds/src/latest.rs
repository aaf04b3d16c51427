//! `watch`: one slot, which holds the newest value. For what is true now, not for what has happened.

use std::time::Duration;

use shared::Journal;
use tokio::sync::watch;
use tokio::time::sleep;

/// How long the relay works before it reads again.
pub const BATCH_TAKES: Duration = Duration::from_millis(250);

/// An operator changes the batch size three times. The relay starts each batch with the newest.
// ANCHOR: settings
pub async fn settings(journal: Journal) {
    let (tx, rx) = watch::channel(100); // there is a value from the start
    let tasks = [tokio::spawn(operator(tx, journal.clone())), tokio::spawn(relay(rx, journal))];
    for task in tasks {
        task.await.expect("no task panics");
    }
}

async fn operator(tx: watch::Sender<u32>, journal: Journal) {
    for batch_size in [200, 300, 400] {
        sleep(Duration::from_millis(100)).await;
        tx.send(batch_size).expect("the relay reads it"); // overwrites; not async
        journal.log("operator", format_args!("sets the batch size to {batch_size}"));
    }
}

async fn relay(mut rx: watch::Receiver<u32>, journal: Journal) {
    loop {
        let batch_size = *rx.borrow_and_update(); // copied: the lock is released in this line
        journal.log("relay", format_args!("publishes a batch of {batch_size}"));
        sleep(BATCH_TAKES).await;
        if rx.changed().await.is_err() {
            break; // no sender left, and no value that we have not seen
        }
    }
    journal.log("relay", "ended: no sender left");
}
// ANCHOR_END: settings
