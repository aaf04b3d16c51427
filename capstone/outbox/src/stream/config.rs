//! How a stream keeps what it has, and how a consumer is delivered to.

use std::time::{Duration, SystemTime};

use capstone_bus::Pattern;

use super::error::StreamError;
use crate::message::Seq;

/// A stream's name and what it keeps. Without bounds it keeps everything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamConfig {
    pub(crate) name: String,
    pub(crate) age_max: Option<Duration>,
    pub(crate) count_max: Option<u64>,
    pub(crate) bytes_max: Option<u64>,
    pub(crate) dedup_window: Duration,
    pub(crate) dedup_count: u64,
}

impl StreamConfig {
    /// A stream that keeps everything, and recognises an id for 2 minutes and 100,000 messages.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            age_max: None,
            count_max: None,
            bytes_max: None,
            dedup_window: Duration::from_secs(120),
            dedup_count: 100_000,
        }
    }

    /// The stream's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What bounds it.
    #[must_use]
    pub fn bounds(&self) -> Bounds {
        Bounds { age_max: self.age_max, count_max: self.count_max, bytes_max: self.bytes_max }
    }

    /// Keeps no message longer than this, by the store's clock; `None`: however old.
    #[must_use]
    pub fn age_max(mut self, age: impl Into<Option<Duration>>) -> Self {
        self.age_max = age.into();
        self
    }

    /// Keeps at most so many messages; `None`: however many.
    #[must_use]
    pub fn count_max(mut self, messages: impl Into<Option<u64>>) -> Self {
        self.count_max = messages.into();
        self
    }

    /// Keeps at most so many bytes of topics, keys, headers and payloads; the newest message always stays. `None`: however many.
    #[must_use]
    pub fn bytes_max(mut self, bytes: impl Into<Option<u64>>) -> Self {
        self.bytes_max = bytes.into();
        self
    }

    /// An id that was published less than this long ago, and less than so many messages ago, is a duplicate.
    /// What retention has taken is not recognised any more.
    #[must_use]
    pub fn dedup(mut self, window: Duration, messages: u64) -> Self {
        (self.dedup_window, self.dedup_count) = (window, messages);
        self
    }
}

/// What a stream keeps at most; `None` is no bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Bounds {
    /// As [`StreamConfig::age_max`].
    pub age_max: Option<Duration>,
    /// As [`StreamConfig::count_max`].
    pub count_max: Option<u64>,
    /// As [`StreamConfig::bytes_max`].
    pub bytes_max: Option<u64>,
}

/// Where a consumer or a reader begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Start {
    /// With the oldest message that the stream has.
    First,
    /// With the next one that is published.
    New,
    /// With this one; the gap is counted if retention has taken it.
    Seq(Seq),
    /// With the first that was published at this time or later.
    Time(SystemTime),
    /// With the newest message that the filter lets pass, or as [`New`](Self::New) if there is none.
    Last,
}

/// Everything about a consumer that the store remembers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsumerConfig {
    pub(crate) name: String,
    pub(crate) lifetime: Lifetime,
    pub(crate) filter: Option<Pattern>,
    pub(crate) start: Start,
    pub(crate) ack_wait: Duration,
    /// `None`: it is delivered until it is answered.
    pub(crate) deliveries_max: Option<u32>,
    pub(crate) backoff: Vec<Duration>,
    pub(crate) pending_max: u32,
}

/// Whether a consumer outlives its members.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Lifetime {
    /// Until it is [deleted](super::Stream::delete_consumer).
    Durable,
    /// Until its member is dropped, or has not been heard of for 5 minutes.
    Ephemeral,
}

/// Longest name of a stream or a consumer.
const NAME_BYTES_MAX: usize = 64;
pub(super) const NAME_RULE: &str = "a name has 1 to 64 letters, digits, - and _";

/// Names appear in command lines and in topics, so they are a single token without wildcards.
pub(super) fn check_name(kind: &'static str, name: &str) -> Result<(), StreamError> {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if (1..=NAME_BYTES_MAX).contains(&name.len()) && name.chars().all(is_allowed) {
        return Ok(());
    }
    Err(StreamError::Name { kind, name: name.to_owned() })
}
