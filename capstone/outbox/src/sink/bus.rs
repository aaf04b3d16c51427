//! Publishes to the in-process bus.

use std::sync::atomic::{AtomicU64, Ordering};

use capstone_bus::{Bus, Message, PublishError};

use super::{Attempt, Sink, SinkError};
use crate::message::Envelope;

/// A kill loses, per subscription, what was accepted but not yet handled: the subscribers die with the process. Who must
/// not miss a message reads a [stream](crate::stream).
///
/// A message is acknowledged when every matching subscription has accepted it. One that dropped it makes it
/// [`Retryable`](SinkError::Retryable), which repeats it to those that had it. A message that nobody subscribes
/// to is acknowledged and counted in [`unmatched`](Self::unmatched).
///
/// Subscribers find the message's `outbox-id`, `outbox-seq` and `outbox-key` in its headers.
pub struct BusSink {
    bus: Bus,
    unmatched: AtomicU64,
}

impl BusSink {
    /// Publishes to this bus.
    #[must_use]
    pub fn new(bus: Bus) -> Self {
        Self { bus, unmatched: AtomicU64::new(0) }
    }

    /// Messages that matched no subscription.
    #[must_use]
    pub fn unmatched(&self) -> u64 {
        self.unmatched.load(Ordering::Relaxed)
    }
}

impl Sink for BusSink {
    /// # Cancel safety
    /// Dropped while a subscription with a full mailbox is waited for, that subscription does not get the
    /// message; the others have it.
    async fn publish(&self, envelope: &Envelope, _attempt: Attempt) -> Result<(), SinkError> {
        let receipt = self.bus.publish(message(envelope)?).await;
        let receipt = receipt.map_err(|error| refused(&error))?;
        if receipt.matched == 0 {
            self.unmatched.fetch_add(1, Ordering::Relaxed);
        }
        if receipt.dropped > 0 {
            let (dropped, matched) = (receipt.dropped, receipt.matched);
            return Err(SinkError::Retryable(format!("{dropped} of {matched} subscriptions dropped it")));
        }
        Ok(())
    }
}

/// Nothing was enqueued. Only a closed bus is a reason to stop.
fn refused(error: &PublishError) -> SinkError {
    match error {
        PublishError::Closed(_) => SinkError::Closed(error.to_string()),
        PublishError::Reserved(_) => SinkError::Permanent(error.to_string()),
        _ => SinkError::Retryable(error.to_string()),
    }
}

/// Rows may come from other programs, so nothing in them is taken for valid.
fn message(envelope: &Envelope) -> Result<Message, SinkError> {
    let permanent =
        |what: &str, error: &dyn std::fmt::Display| SinkError::Permanent(format!("{what}: {error}"));
    let topic = envelope.topic.parse().map_err(|error| permanent("topic", &error))?;
    let mut message = Message::new(topic, envelope.payload.clone());
    let headers = envelope.headers().map_err(|error| permanent("headers", &error))?;
    let id = ("outbox-id".to_owned(), envelope.id.to_string());
    let seq = ("outbox-seq".to_owned(), envelope.seq.to_string());
    let key = envelope.key.as_ref().map(|key| ("outbox-key".to_owned(), key.to_string()));
    for (name, value) in headers.into_iter().chain([id, seq]).chain(key) {
        message = message.with_header(name, value).map_err(|error| permanent("headers", &error))?;
    }
    Ok(message)
}
