//! Exercise 13.1: an event that can be rejected before any work is done.

use std::time::Duration;

use shared::Journal;
use tokio::time::sleep;

/// An event that waits in the outbox.
#[derive(Debug)]
pub enum OutboxEvent {
    Upload(String),
    /// In cents.
    Payment(i64),
    Notification(String),
}

/// Publishes an event and says what was done. A payment must be more than 0 cents.
pub async fn publish(event: &OutboxEvent) -> Result<String, &'static str> {
    match event {
        OutboxEvent::Upload(file) => {
            sleep(Duration::from_millis(500)).await;
            Ok(format!("relayed upload: {file}"))
        }
        // TODO: an invalid payment is rejected after 800 ms. Reject it at once.
        OutboxEvent::Payment(cents) => {
            sleep(Duration::from_millis(800)).await;
            if *cents <= 0 {
                return Err("invalid payment amount");
            }
            Ok(format!("payment of {cents} cents processed"))
        }
        OutboxEvent::Notification(message) => {
            sleep(Duration::from_millis(300)).await;
            Ok(format!("notification delivered: {message}"))
        }
    }
}

/// Publishes one event after another. Do not change it.
pub async fn relay(events: Vec<OutboxEvent>, journal: Journal) {
    for event in events {
        match publish(&event).await {
            Ok(done) => journal.log("relay", done),
            Err(error) => journal.log("relay", format_args!("Error: {error}")),
        }
    }
}
