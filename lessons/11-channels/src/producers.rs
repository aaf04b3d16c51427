//! Two producers and one consumer: the channel ends when its last sender is dropped.

use std::fmt::Display;
use std::time::Duration;

use shared::Journal;
use tokio::sync::mpsc;
use tokio::time::sleep;

/// Runs both producers and the consumer until the channel ends, after 1 s.
// ANCHOR: two-producers
pub async fn two_producers(journal: Journal) {
    let (tx, rx) = mpsc::channel(3);
    let tasks = [
        tokio::spawn(producer_1(tx.clone(), journal.clone())),
        tokio::spawn(producer_2(tx, journal.clone())), // moved: no sender is left here
        tokio::spawn(consumer(rx, journal)),
    ];
    for task in tasks {
        task.await.expect("no task panics");
    }
}
// ANCHOR_END: two-producers

/// Sends two events, 1 s apart, and drops its sender.
// ANCHOR: producer
pub async fn producer_1(tx: mpsc::Sender<&'static str>, journal: Journal) {
    tx.send("upload completed").await.expect("the consumer outlives its senders");
    journal.log("producer 1", "sent \"upload completed\"");

    sleep(Duration::from_secs(1)).await;

    tx.send("file synced to bucket").await.expect("the consumer outlives its senders");
    journal.log("producer 1", "sent \"file synced to bucket\"");
    drop(tx); // would happen at the end of the function; here it can be logged
    journal.log("producer 1", "dropped its sender");
}
// ANCHOR_END: producer

/// Sends one event after 500 ms and drops its sender.
pub async fn producer_2(tx: mpsc::Sender<&'static str>, journal: Journal) {
    journal.log("producer 2", "waits for a payment");
    sleep(Duration::from_millis(500)).await;

    tx.send("payment processed").await.expect("the consumer outlives its senders");
    journal.log("producer 2", "sent \"payment processed\"");
    drop(tx);
    journal.log("producer 2", "dropped its sender");
}

/// Logs every event until the queue is empty and no sender is left.
// ANCHOR: consumer
pub async fn consumer(mut rx: mpsc::Receiver<impl Display>, journal: Journal) {
    while let Some(event) = rx.recv().await {
        journal.log("consumer", format_args!("received \"{event}\""));
    }
    journal.log("consumer", "recv() returned None: no sender left");
}
// ANCHOR_END: consumer
