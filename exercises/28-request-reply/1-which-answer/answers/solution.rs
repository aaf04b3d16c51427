//! Exercise 28.1: a till that asks for prices, and one queue on which all answers to it arrive.

use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::timeout;

/// Asks for the price of an article.
#[derive(Clone, Debug)]
pub struct Request {
    /// The service copies it into its answer.
    pub id: u64,
    pub article: String,
}

/// The answer to the request with the same id.
#[derive(Clone, Copy, Debug)]
pub struct Answer {
    pub id: u64,
    pub dollars: u32,
}

/// There is no price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoAnswer {
    /// It did not come in time. It may come later.
    Timeout,
    /// The service has gone: no answer will come.
    Gone,
}

/// A till. It has one queue for its requests, and one for all answers.
pub struct Till {
    requests: mpsc::Sender<Request>,
    answers: mpsc::Receiver<Answer>,
    /// The id of the last request.
    last_id: u64,
    /// How many answers have been dropped, because they belonged to an earlier request.
    late: u64,
}

impl Till {
    pub fn new(requests: mpsc::Sender<Request>, answers: mpsc::Receiver<Answer>) -> Self {
        Self { requests, answers, last_id: 0, late: 0 }
    }

    /// How many late answers have been dropped so far.
    pub fn late(&self) -> u64 {
        self.late
    }

    /// Asks for a price, and waits for at most this long. It may be dropped at any time.
    pub async fn price(&mut self, article: &str, limit: Duration) -> Result<u32, NoAnswer> {
        //~ begin
        self.last_id += 1;
        let request = Request { id: self.last_id, article: article.to_owned() };
        let asking = async {
            self.requests.send(request).await.ok()?;
            loop {
                let answer = self.answers.recv().await?;
                if answer.id == self.last_id {
                    return Some(answer.dollars);
                }
                self.late += 1;
            }
        };
        match timeout(limit, asking).await {
            Ok(price) => price.ok_or(NoAnswer::Gone),
            Err(_elapsed) => Err(NoAnswer::Timeout),
        }
        //~ starter
        //~| let request = Request { id: 0, article: article.to_owned() };
        //~| let asking = async {
        //~|     self.requests.send(request).await.ok()?;
        //~|     // TODO: is this the answer to this request?
        //~|     Some(self.answers.recv().await?.dollars)
        //~| };
        //~| match timeout(limit, asking).await {
        //~|     Ok(price) => price.ok_or(NoAnswer::Gone),
        //~|     Err(_elapsed) => Err(NoAnswer::Timeout),
        //~| }
        //~ end
    }
}
