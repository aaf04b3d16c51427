//! The sink of a relay that carries into a stream of its own database.

use super::{Attempt, Sink, SinkError};
use crate::message::Envelope;

/// Looks at each message and takes it at once: the move itself is made by the relay's acknowledgement, in one
/// transaction. Only a [`StreamingStore`](crate::stream::StreamingStore) gives one out, and only with that store may it be
/// used: with any other, what it takes would be gone.
#[derive(Debug)]
pub struct StreamSink(());

impl StreamSink {
    pub(crate) fn new() -> Self {
        Self(())
    }
}

impl Sink for StreamSink {
    /// What consumers could not read is refused here: rows may come from other programs.
    ///
    /// # Cancel safety
    /// It never waits.
    async fn publish(&self, envelope: &Envelope, _attempt: Attempt) -> Result<(), SinkError> {
        let permanent =
            |what: &str, error: &dyn std::fmt::Display| Err(SinkError::Permanent(format!("{what}: {error}")));
        if let Err(error) = capstone_bus::Topic::new(envelope.topic.as_str()) {
            return permanent("topic", &error);
        }
        envelope.headers().map(drop).or_else(|error| permanent("headers", &error))
    }
}
