//! [`Settings`]: all that the program can be told, and what holds when it is told nothing.

use std::time::Duration;

use capstone_bus::{Bus, Overflow};
use capstone_outbox::RelayConfig;
use capstone_outbox::stream::StreamConfig;

use super::bound::{Age, Count, Size};
use super::kind::Secret;
use super::listen::Listen;
use super::log::Log;

/// Every setting. The defaults are those of the libraries.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settings {
    /// `[store]`
    pub store: Store,
    /// `[stream]`
    pub stream: StreamBounds,
    /// `[upkeep]` and `[inbox]`
    pub upkeep: Upkeep,
    /// `[relay]` and `[retry]`
    pub relay: RelayConfig,
    /// The part of `[relay]` that is about its sink
    pub sink: Sink,
    /// `[nats]`
    pub nats: Nats,
    /// `[bus]`
    pub bus: BusSettings,
    /// `[listen]`
    pub listen: Listen,
    /// `[http]`
    pub http: Http,
    /// `[log]`
    pub log: Log,
}

/// `[store]`: the database and its streams.
#[derive(Clone, Debug, PartialEq)]
pub struct Store {
    pub(super) db: Option<String>,
    /// For how long a new stream recognises an id.
    pub dedup_window: Duration,
    /// For how many messages a new stream recognises an id.
    pub dedup_ids: u64,
}

/// `[stream]`: what a new stream keeps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StreamBounds {
    pub(super) age_max: Age,
    pub(super) count_max: Count,
    pub(super) bytes_max: Size,
}

/// What a process that serves a database does by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Upkeep {
    /// How often it looks.
    pub every: Duration,
    /// How long an inbox remembers what it has seen.
    pub inbox_keep: Age,
}

/// The relay's way to its sink.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sink {
    /// A file with the certificates that a server of NATS is trusted by, in place of the system's.
    pub ca: Option<String>,
}

/// `[nats]`: who the relay says that it is to a server of NATS.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Nats {
    pub(super) credentials: Option<String>,
    /// A file with the seed of a user's key.
    pub nkey_file: Option<String>,
    /// The name of a user who has a password.
    pub user: Option<String>,
    /// That user's password.
    pub password: Option<Secret>,
}

/// `[bus]`: what the bus gives a subscription, and how long a request waits.
#[derive(Clone, Debug, PartialEq)]
pub struct BusSettings {
    pub(super) capacity: usize,
    pub(super) overflow: Overflow,
    pub(super) block_timeout: Duration,
    /// How long `request` waits for a reply.
    pub request_timeout: Duration,
}

/// `[http]`: the status page.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Http {
    pub(super) address: Option<String>,
    /// What a reader of the page must know.
    pub token: Option<Secret>,
}

impl Default for Store {
    fn default() -> Self {
        Self { db: None, dedup_window: Duration::from_secs(120), dedup_ids: 100_000 }
    }
}

impl Default for Upkeep {
    fn default() -> Self {
        let (minute, month) = (Duration::from_secs(60), Duration::from_secs(30 * 24 * 3_600));
        Self { every: minute, inbox_keep: Age(Some(month)) }
    }
}

impl Default for BusSettings {
    fn default() -> Self {
        let second = Duration::from_secs(1);
        Self {
            capacity: 1_024,
            overflow: Overflow::Block { timeout: second },
            block_timeout: second,
            request_timeout: Duration::from_secs(5),
        }
    }
}

impl Settings {
    /// A new stream of this name.
    #[must_use]
    pub fn new_stream(&self, name: &str) -> StreamConfig {
        let StreamBounds { age_max, count_max, bytes_max } = self.stream;
        let stream = StreamConfig::new(name).dedup(self.store.dedup_window, self.store.dedup_ids);
        stream.age_max(age_max.0).count_max(count_max.0).bytes_max(bytes_max.0)
    }
}

impl BusSettings {
    /// A bus whose subscriptions are as these settings say.
    #[must_use]
    pub fn bus(&self) -> Bus {
        let overflow = match self.overflow {
            Overflow::Block { .. } => Overflow::Block { timeout: self.block_timeout },
            other => other,
        };
        Bus::builder().capacity(self.capacity).overflow(overflow).build()
    }
}
