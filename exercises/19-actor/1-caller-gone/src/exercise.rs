//! Exercise 19.1: an actor whose callers do not always wait.

use std::time::Duration;

use shared::Journal;
use tokio::sync::{mpsc, oneshot};
use tokio::time::sleep;

/// Asks for the price of an article.
#[derive(Debug)]
pub struct Request {
    pub article: &'static str,
    pub answer: oneshot::Sender<u32>,
}

/// Handles one request at a time, until no sender is left.
pub async fn prices(mut mailbox: mpsc::Receiver<Request>, journal: Journal) {
    while let Some(Request { article, answer }) = mailbox.recv().await {
        let price = look_up(article).await;
        // TODO: one caller that hangs up ends the actor. Log "nobody waits: lamp" instead, and handle the next request.
        answer.send(price).expect("the caller waits for the answer");
        journal.log("prices", format_args!("answered: {article}"));
    }
}

/// Finds a price, which takes 100 ms. Do not change it.
async fn look_up(article: &str) -> u32 {
    sleep(Duration::from_millis(100)).await;
    if article == "lamp" { 25 } else { 40 }
}
