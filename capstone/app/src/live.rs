//! The live bus behind a stream: whoever subscribes to the bus gets what the stream gets from now on.
//!
//! Nobody on the bus holds up the stream, and the bus remembers nothing: who must not miss a message has a durable
//! consumer on the stream.

use std::time::Duration;

use capstone_bus::Bus;
use capstone_outbox::sink::BusSink;
use capstone_outbox::stream::Reader;
use capstone_outbox::{Attempt, Sink, SinkError};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// The bus has limits of its own on how long a subscription is waited for, and this one tries once.
const FOR_EVER: Duration = Duration::from_hours(24);

/// Publishes what the reader finds to the bus, until `done` and then to the end of the stream, or until the bus is
/// closed.
///
/// # Errors
/// The stream cannot be read any more.
pub async fn feed(mut reader: Reader, bus: Bus, done: CancellationToken) -> anyhow::Result<()> {
    let sink = BusSink::new(bus);
    loop {
        // Both are cancel safe.
        let found = tokio::select! {
            biased;
            () = done.cancelled() => reader.try_next().await?,
            found = reader.next() => Some(found?),
        };
        let Some(record) = found else { return Ok(()) };
        match sink.publish(&record.message, Attempt::new(1, Instant::now() + FOR_EVER)).await {
            Ok(()) => {}
            Err(SinkError::Closed(_)) => return Ok(()),
            Err(error) => tracing::warn!("message {} of the stream on the bus: {error}", record.message.seq),
        }
    }
}
