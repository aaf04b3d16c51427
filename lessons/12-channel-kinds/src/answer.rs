//! `oneshot`: one value, sent once, from one task to another. A request carries the sender of its own answer.

use std::time::Duration;

use shared::Journal;
use tokio::sync::{mpsc, oneshot};
use tokio::time::sleep;

/// How long it takes to publish one event.
pub const PUBLISH_TAKES: Duration = Duration::from_millis(100);

/// Two callers ask the relay to publish an event, the second one 50 ms later. Each gets the receipt of its own event.
pub async fn own_answer(journal: Journal) {
    let (tx, rx) = mpsc::channel(3);
    let tasks = [
        tokio::spawn(relay(rx, journal.clone())),
        tokio::spawn(ask("caller 1", "upload completed", 0, tx.clone(), journal.clone())),
        tokio::spawn(ask("caller 2", "payment processed", 50, tx, journal)),
    ];
    for task in tasks {
        task.await.expect("no task panics");
    }
}

/// An event to publish, and where its receipt goes.
// ANCHOR: request-and-answer
#[derive(Debug)]
pub struct Request {
    pub event: &'static str,
    /// Dropped without an answer, it tells the caller that there will be none.
    pub answer: oneshot::Sender<u32>,
}

pub(crate) async fn ask(
    caller: &'static str,
    event: &'static str,
    after_ms: u64,
    tx: mpsc::Sender<Request>,
    journal: Journal,
) {
    sleep(Duration::from_millis(after_ms)).await;
    let (answer, answered) = oneshot::channel();
    tx.send(Request { event, answer }).await.expect("the relay outlives its callers");
    journal.log(caller, format_args!("asks to publish \"{event}\""));
    let receipt = answered.await.expect("the relay answers every request");
    journal.log(caller, format_args!("has receipt {receipt}"));
}

pub(crate) async fn relay(mut rx: mpsc::Receiver<Request>, journal: Journal) {
    let mut receipt = 0;
    while let Some(Request { event, answer }) = rx.recv().await {
        sleep(PUBLISH_TAKES).await;
        receipt += 1;
        journal.log("relay", format_args!("published \"{event}\": receipt {receipt}"));
        if answer.send(receipt).is_err() {
            journal.log("relay", "the caller is gone"); // it has dropped its receiver
        }
    }
}
// ANCHOR_END: request-and-answer
