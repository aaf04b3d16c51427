//! The events of lesson 13, with one difference: publishing consumes the event.

use std::fmt::{self, Display};
use std::time::Duration;

use shared::Pace;
use tokio::time::sleep;

/// An amount of money in whole cents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cents(pub i64);

impl Display for Cents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let cents = self.0.unsigned_abs();
        write!(f, "{sign}${}.{:02}", cents / 100, cents % 100)
    }
}

/// An event waiting in the outbox. It cannot be cloned: it is published once.
#[derive(Debug)]
pub enum OutboxEvent {
    /// A file was uploaded.
    Upload(String),
    /// A customer has paid.
    Payment(Cents),
    /// A message for a user.
    Notification(String),
}

/// The amount of a payment must be positive.
#[derive(Debug, PartialEq, Eq)]
pub struct InvalidAmount;

impl OutboxEvent {
    /// Publishes the event and returns what was done.
    ///
    /// # Panics
    /// When a notification is empty. The panic stands for a bug, to show what happens to the other events.
    pub async fn publish(self, pace: Pace) -> Result<String, InvalidAmount> {
        match self {
            Self::Upload(file) => {
                sleep(pace.of(Duration::from_millis(500))).await;
                Ok(format!("relayed upload: {file}"))
            }
            Self::Payment(amount) => {
                sleep(pace.of(Duration::from_millis(800))).await;
                if amount <= Cents(0) {
                    return Err(InvalidAmount);
                }
                Ok(format!("payment of {amount} processed"))
            }
            Self::Notification(message) => {
                sleep(pace.of(Duration::from_millis(300))).await;
                assert!(!message.is_empty(), "an empty notification");
                Ok(format!("notification delivered: {message}"))
            }
        }
    }
}

impl Display for InvalidAmount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("invalid payment amount")
    }
}

impl std::error::Error for InvalidAmount {}

/// The four events of this lesson; the second payment is invalid.
pub fn outbox() -> Vec<OutboxEvent> {
    vec![
        OutboxEvent::Upload("report.pdf".to_owned()),
        OutboxEvent::Payment(Cents(1250)),
        OutboxEvent::Notification("your report is ready".to_owned()),
        OutboxEvent::Payment(Cents(-300)),
    ]
}
