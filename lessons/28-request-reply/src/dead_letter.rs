//! Dead letters: a message that fails for good goes to `$DLQ.` and its topic, with the reason and its attempts.

use std::fmt;
use std::time::Duration;

use shared::Journal;
use tokio::time::sleep;

use crate::bus::{Bus, Message, Subscription};

/// The first part of the topics of dead letters.
pub const DLQ: &str = "$DLQ.";
/// How often an order is tried.
pub const ATTEMPTS_MAX: u32 = 3;
/// How long it waits after the first failed attempt, and twice as long after the second.
pub const BACKOFF: Duration = Duration::from_millis(100);

/// Why an attempt has failed.
#[derive(Debug)]
pub enum Failure {
    /// Another attempt may succeed.
    Transient(&'static str),
    /// Every attempt would fail.
    Permanent(&'static str),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self::Transient(reason) | Self::Permanent(reason)) = self;
        f.write_str(reason)
    }
}

/// Ships one order after another, and never ends. An order that fails for good becomes a dead letter.
// ANCHOR: worker
pub async fn worker(bus: Bus, mut orders: Subscription, journal: Journal) {
    loop {
        let order = orders.recv().await;
        let mut attempt = 1;
        while let Err(failure) = ship(&order, &journal).await {
            if matches!(failure, Failure::Permanent(_)) || attempt == ATTEMPTS_MAX {
                if let Some(letter) = dead_letter(&order, &failure, attempt)
                    && bus.publish(letter) == 0
                {
                    journal.log("worker", format_args!("{} is lost: {failure}", order.payload));
                }
                break; // the next order is not held up any longer
            }
            sleep(BACKOFF * 2_u32.pow(attempt - 1)).await;
            attempt += 1;
        }
    }
}

/// The message as it was, and what has become of it. A dead letter that fails has none of its own.
pub fn dead_letter(message: &Message, failure: &Failure, attempts: u32) -> Option<Message> {
    let topic = format!("{DLQ}{}", message.topic);
    let letter = Message { topic, reply_to: None, ..message.clone() }; // its readers are not the ones that were asked
    let is_dead_already = message.topic.starts_with(DLQ);
    (!is_dead_already).then(|| letter.with("dlq-reason", failure).with("dlq-attempts", attempts))
}
// ANCHOR_END: worker

/// Looks at each dead letter, and never ends.
// ANCHOR: operator
pub async fn operator(mut letters: Subscription, journal: Journal) {
    loop {
        let letter = letters.recv().await;
        let (reason, attempts) = (&letter.headers["dlq-reason"], &letter.headers["dlq-attempts"]);
        journal.log("operator", format_args!("{}: {reason}; attempts: {attempts}", letter.payload));
    }
}
// ANCHOR_END: operator

/// Ships an order, which takes 40 ms. Order 7 never can be, and the carrier of order 8 never answers.
pub(crate) async fn ship(order: &Message, journal: &Journal) -> Result<(), Failure> {
    sleep(Duration::from_millis(40)).await;
    let failure = match order.payload.as_str() {
        "order 7" => Failure::Permanent("no address"),
        "order 8" => Failure::Transient("the carrier does not answer"),
        _ => {
            journal.log("worker", format_args!("ships {}", order.payload));
            return Ok(());
        }
    };
    journal.log("worker", format_args!("cannot ship {}", order.payload));
    Err(failure)
}
