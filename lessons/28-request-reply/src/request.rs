//! A request: a message with a topic for its answer, on which only this request listens.

use std::fmt;
use std::time::Duration;

use tokio::time::{Instant, timeout, timeout_at};

use crate::bus::{Bus, Message, SLOTS};

/// A request has no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestError {
    /// No subscriber has taken the request. It is known at once, and nothing was done.
    NoResponders,
    /// The request was taken, and no answer came in time. Whether its work was done is unknown.
    Timeout,
}

impl fmt::Display for RequestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoResponders => "no responders",
            Self::Timeout => "no answer in time",
        })
    }
}

impl std::error::Error for RequestError {}

impl Bus {
    /// Publishes a request, and waits for the first answer.
    ///
    /// May be dropped at any time: a responder may have the request by then, and its answer is a late one.
    // ANCHOR: request
    pub async fn request(
        &self,
        topic: &str,
        payload: &str,
        limit: Duration,
    ) -> Result<Message, RequestError> {
        let mut inbox = self.inbox(1); // before the request is published, or a fast answer finds no inbox
        let reply_to = Some(inbox.topic().to_owned());
        if self.publish(Message { reply_to, ..Message::new(topic, payload) }) == 0 {
            return Err(RequestError::NoResponders);
        }
        timeout(limit, inbox.recv()).await.map_err(|_elapsed| RequestError::Timeout)
    }

    /// Answers a request. Returns `false` if nobody is waiting for the answer any more.
    pub fn respond(&self, request: &Message, answer: &str) -> bool {
        let reply_to = request.reply_to.as_ref();
        reply_to.is_some_and(|inbox| self.publish(Message::new(inbox, answer)) > 0)
    }
    // ANCHOR_END: request

    /// Publishes a request, and collects answers until each subscriber that has taken it has sent one, or the time is up.
    ///
    /// A subscriber that answers twice is counted twice. Answers that find the inbox full are counted as late.
    // ANCHOR: request-all
    pub async fn request_all(
        &self,
        topic: &str,
        payload: &str,
        limit: Duration,
    ) -> Result<Vec<Message>, RequestError> {
        let mut inbox = self.inbox(SLOTS);
        let reply_to = Some(inbox.topic().to_owned());
        let asked = self.publish(Message { reply_to, ..Message::new(topic, payload) });
        if asked == 0 {
            return Err(RequestError::NoResponders);
        }
        let deadline = Instant::now() + limit; // once, for all answers together
        let mut answers = Vec::new();
        while answers.len() < asked
            && let Ok(answer) = timeout_at(deadline, inbox.recv()).await
        {
            answers.push(answer);
        }
        Ok(answers)
    }
    // ANCHOR_END: request-all
}
