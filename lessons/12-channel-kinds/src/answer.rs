//! `oneshot`: one value, once, from one task to one other. A request carries the sender of its own answer.

use std::time::Duration;

use shared::Journal;
use tokio::sync::{mpsc, oneshot};
use tokio::time::sleep;

/// How long it takes to publish one event.
pub const PUBLISH_TAKES: Duration = Duration::from_millis(100);

/// Two tasks have events published by a third, the second one 50 ms later. Each gets the receipt of its own event.
pub async fn own_answer(journal: Journal) {
    let (requests, waiting) = mpsc::channel(3);
    let tasks = [
        tokio::spawn(relay(waiting, journal.clone())),
        tokio::spawn(ask("asker 1", "upload completed", 0, requests.clone(), journal.clone())),
        tokio::spawn(ask("asker 2", "payment processed", 50, requests, journal)),
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
    /// Dropped without an answer, it tells whoever asked that there will be none.
    pub answer: oneshot::Sender<u32>,
}

async fn ask(
    task: &'static str,
    event: &'static str,
    after_ms: u64,
    requests: mpsc::Sender<Request>,
    journal: Journal,
) {
    sleep(Duration::from_millis(after_ms)).await;
    let (answer, answered) = oneshot::channel();
    requests.send(Request { event, answer }).await.expect("the relay outlives its askers");
    journal.log(task, format_args!("asks to publish \"{event}\""));
    let receipt = answered.await.expect("the relay answers every request");
    journal.log(task, format_args!("has receipt {receipt}"));
}

async fn relay(mut waiting: mpsc::Receiver<Request>, journal: Journal) {
    let mut receipt = 0;
    while let Some(Request { event, answer }) = waiting.recv().await {
        sleep(PUBLISH_TAKES).await;
        receipt += 1;
        journal.log("relay", format_args!("published \"{event}\": receipt {receipt}"));
        if answer.send(receipt).is_err() {
            journal.log("relay", "nobody waits for it any more"); // the asker has gone
        }
    }
}
// ANCHOR_END: request-and-answer
