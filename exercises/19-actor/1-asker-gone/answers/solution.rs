//! Exercise 19.1: an actor whose askers do not always wait.

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

/// Answers one request after another, until nobody can ask any more.
pub async fn prices(mut mailbox: mpsc::Receiver<Request>, journal: Journal) {
    while let Some(Request { article, answer }) = mailbox.recv().await {
        let price = look_up(article).await;
        //~ begin
        match answer.send(price) {
            Ok(()) => journal.log("prices", format_args!("answered: {article}")),
            Err(_price) => journal.log("prices", format_args!("nobody waits: {article}")),
        }
        //~ starter
        //~| // TODO: when an asker has hung up, all later ones get no answer. Note "nobody waits: lamp" instead, and go on.
        //~| answer.send(price).expect("whoever asks waits for the answer");
        //~| journal.log("prices", format_args!("answered: {article}"));
        //~ end
    }
}

/// Finds a price, which takes 100 ms. Do not change it.
async fn look_up(article: &str) -> u32 {
    sleep(Duration::from_millis(100)).await;
    if article == "lamp" { 25 } else { 40 }
}
