//! A task waits for an event that a producer on the same thread sends after 100 ms.

use std::time::Duration;

use shared::Journal;
use tokio::sync::mpsc;
use tokio::time::sleep;

/// Waits with Tokio's channel: meanwhile the thread runs the producer.
pub async fn tokio_channel(journal: Journal) {
    let (tx, mut rx) = mpsc::channel(3);
    let producing = tokio::spawn({
        let journal = journal.clone();
        async move {
            sleep(Duration::from_millis(100)).await;
            tx.send("payment processed").await.expect("the consumer waits for it");
            journal.log("producer", "sent \"payment processed\"");
        }
    });
    journal.log("consumer", "waits; its thread is free");
    let event = rx.recv().await.expect("the producer sends one");
    journal.log("consumer", format_args!("received \"{event}\""));
    producing.await.expect("the producer does not panic");
}
