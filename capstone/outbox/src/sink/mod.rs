//! Where messages go. One trait with one method; what failed is classified here and decided by the relay.
//!
//! [`BusSink`] publishes in process, [`FileSink`] and [`StdoutSink`] write lines of JSON, [`StreamSink`] goes with a
//! store that moves messages into a stream; `NatsSink`, behind the feature `nats`, publishes to JetStream. Limits come from
//! tower's layers, behind the feature `tower`: `ServiceSink`. `examples/own_sink.rs` is one that posts to a webhook.

mod attempt;
mod bus;
mod file;
mod lines;
#[cfg(feature = "nats")]
mod nats;
mod stdout;
mod stream;
#[cfg(feature = "tower")]
mod tower;

use std::future::Future;

use thiserror::Error;

#[cfg(feature = "tower")]
pub use self::tower::{Publish, ServiceSink, SinkService};
pub use attempt::Attempt;
pub use bus::BusSink;
pub use file::FileSink;
#[cfg(feature = "nats")]
pub use nats::{NatsError, NatsOptions, NatsSink};
pub use stdout::StdoutSink;
pub use stream::StreamSink;

use crate::message::Envelope;

/// Publishes messages, one call each. The relay calls it again for a message that failed. Open: whatever takes a message can be one, and
/// `testing::sink`, feature `testing`, tests whether it keeps its promises. A method that is added later comes with a default.
///
/// ```
/// use capstone_outbox::{Attempt, Envelope, Sink, SinkError};
///
/// /// Prints topics. Whatever takes the message and says so can be a sink.
/// struct Topics;
///
/// impl Sink for Topics {
///     async fn publish(&self, message: &Envelope, _attempt: Attempt) -> Result<(), SinkError> {
///         println!("{}", message.topic);
///         Ok(())
///     }
/// }
/// ```
pub trait Sink: Send + Sync + 'static {
    /// Publishes one message.
    ///
    /// After it returns `Ok`, the receiving side is answerable for the message and the relay deletes its row.
    /// After a crash before that, or an error, the message is published again: receivers see it twice at most
    /// as often as there were crashes and errors, with the same id.
    ///
    /// The relay calls this concurrently, but never twice at once for the same key. It drops the future at the attempt's
    /// deadline, and takes that for [`TimedOut`](SinkError::TimedOut).
    fn publish(
        &self,
        message: &Envelope,
        attempt: Attempt,
    ) -> impl Future<Output = Result<(), SinkError>> + Send;
}

/// Why a message was not published, by what the relay does about it.
#[non_exhaustive]
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum SinkError {
    /// The sink is down for every message: the relay pauses and counts no attempt.
    #[error("unavailable: {0}")]
    Unavailable(String),
    /// This message failed and may succeed later: its key waits, the others go on.
    #[error("{0}")]
    Retryable(String),
    /// No answer came in time: whether the message was taken is not known. As [`Retryable`](Self::Retryable).
    #[error("{0}")]
    TimedOut(String),
    /// This message will never succeed: it is parked or becomes a dead letter at once.
    #[error("permanent: {0}")]
    Permanent(String),
    /// The sink will take nothing any more: the relay stops. What was not published stays in the store.
    #[error("closed: {0}")]
    Closed(String),
}
