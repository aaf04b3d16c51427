//! A task that waits for an event, and a producer on the same thread that sends it after 100 ms.

use std::time::Duration;

use shared::Journal;
use tokio::sync::mpsc;
use tokio::time::sleep;

/// Waits with Tokio's channel: the thread runs the producer meanwhile.
pub async fn tokio_channel(journal: Journal) {
    let (tx, mut rx) = mpsc::channel(3);
    let producing = tokio::spawn({
        let journal = journal.clone();
        async move {
            sleep(Duration::from_millis(100)).await;
            tx.send("payment processed").await.expect("the consumer waits");
            journal.log("producer", "sent \"payment processed\"");
        }
    });
    journal.log("consumer", "waits, and its thread does not");
    let event = rx.recv().await.expect("the producer sends one");
    journal.log("consumer", format_args!("received \"{event}\""));
    producing.await.expect("the producer does not panic");
}
