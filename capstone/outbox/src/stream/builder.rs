//! The options of a consumer.

use std::sync::Arc;
use std::time::Duration;

use capstone_bus::Pattern;

use super::config::{ConsumerConfig, Lifetime, Start, check_name};
use super::consumer::Consumer;
use super::error::StreamError;
use super::seat::Seat;
use super::store::{StreamId, StreamStore};

/// Options of a consumer; [`open`](Self::open) makes it.
#[must_use]
pub struct ConsumerBuilder {
    store: Arc<dyn StreamStore>,
    stream: StreamId,
    config: ConsumerConfig,
    fetch_ahead: usize,
}

impl ConsumerBuilder {
    pub(super) fn new(
        store: Arc<dyn StreamStore>,
        stream: StreamId,
        name: String,
        lifetime: Lifetime,
    ) -> Self {
        let config = ConsumerConfig {
            name,
            lifetime,
            filter: None,
            start: Start::First,
            ack_wait: Duration::from_secs(30),
            deliveries_max: None,
            backoff: vec![Duration::from_millis(100), Duration::from_secs(1), Duration::from_secs(10)],
            pending_max: 1_024,
        };
        Self { store, stream, config, fetch_ahead: 64 }
    }

    /// Only messages whose topic this pattern matches. Default: all. It stays what it was when the consumer was created.
    pub fn filter(mut self, filter: Pattern) -> Self {
        self.config.filter = Some(filter);
        self
    }

    /// Where to begin; a durable consumer that exists goes on where it is. Default: [`Start::First`].
    pub fn start(mut self, start: Start) -> Self {
        self.config.start = start;
        self
    }

    /// How long a delivery may go without an answer before the message is delivered again. Default: 30 s.
    pub fn ack_wait(mut self, wait: Duration) -> Self {
        self.config.ack_wait = wait;
        self
    }

    /// How often a message is delivered before it is a dead letter; at least once. Default: no limit, so that only
    /// [`term`](super::Delivery::term) makes one. A consumer that is killed with a message which it was the first to be
    /// handed may not have said so: that message is delivered once more.
    pub fn deliveries_max(mut self, deliveries: u32) -> Self {
        self.config.deliveries_max = Some(deliveries.max(1));
        self
    }

    /// How long a message waits that was given back without a delay: the first entry after its first delivery, and
    /// so on, the last one for all others. Default: 100 ms, 1 s, 10 s.
    pub fn backoff(mut self, delays: impl Into<Vec<Duration>>) -> Self {
        self.config.backoff = delays.into();
        self
    }

    /// How many messages all members together may have without an answer; at least one. Default: 1,024.
    pub fn pending_max(mut self, messages: u32) -> Self {
        self.config.pending_max = messages.max(1);
        self
    }

    /// How many messages this member fetches ahead of those that it hands out; at least one. They are kept for it as long as
    /// it asks for more, answers, or says that it is [in progress](super::Delivery::in_progress); otherwise they go to another
    /// member after the ack wait, and do not count as delivered. Default: 64.
    pub fn fetch_ahead(mut self, messages: usize) -> Self {
        self.fetch_ahead = messages.max(1);
        self
    }

    /// Opens the consumer, as one of its members.
    ///
    /// # Errors
    /// [`StreamError::Name`]; [`StreamError::Filter`] for a durable one that has another filter; those of the store.
    ///
    /// # Cancel safety
    /// Dropped, the consumer may have been created; it has taken nothing.
    pub async fn open(self) -> Result<Consumer, StreamError> {
        let Self { store, stream, config, fetch_ahead } = self;
        check_name("consumer", &config.name)?;
        let (name, lifetime, ack_wait) = (config.name.clone(), config.lifetime, config.ack_wait);
        let id = store.open_consumer(stream, config).await?;
        Ok(Consumer::new(Seat::new(store, id, name, lifetime, ack_wait), fetch_ahead))
    }
}
