//! What the relay is given, an outbox, a broker and settings, and what the bus speaks of. The tests implement the two traits.
//! Leave this file as it is.

use std::collections::HashSet;
use std::fmt;
use std::future::Future;
use std::time::Duration;

// ANCHOR: event
/// A row of the outbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    pub id: u64,
    /// What the event is about, as in `order-7`. From milestone 4, the events of one key are published in the order of their ids.
    pub key: String,
    pub payload: String,
}
// ANCHOR_END: event

// ANCHOR: traits
/// Rows that wait to be published. Each row is unsent until it is marked.
pub trait Outbox: Send + Sync + 'static {
    /// The unsent rows with the smallest ids, at most `limit` of them, without those whose key is in `except`. A row that is
    /// being published is still unsent, so a second query returns it again.
    fn unsent(&self, limit: usize, except: &HashSet<String>) -> impl Future<Output = Vec<Event>> + Send;

    /// Marks a row whose event the broker has confirmed.
    fn mark_sent(&self, id: u64) -> impl Future<Output = ()> + Send;

    /// Marks a row whose event cannot be published. It is not unsent any more; an operator will look at it.
    fn mark_failed(&self, id: u64, reason: &str) -> impl Future<Output = ()> + Send;
}

/// Where events are published.
pub trait Broker: Send + Sync + 'static {
    /// Returns when the broker has confirmed the event, or refused it. A client library has bugs: this may panic.
    fn publish(&self, event: &Event) -> impl Future<Output = Result<(), PublishError>> + Send;
}
// ANCHOR_END: traits

/// Why an event was not published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PublishError {
    /// It may succeed later. Until milestone 4 no test returns this.
    Transient(String),
    /// It never succeeds.
    Permanent(String),
}

impl fmt::Display for PublishError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (PublishError::Transient(reason) | PublishError::Permanent(reason)) = self;
        f.write_str(reason)
    }
}

impl std::error::Error for PublishError {}

// ANCHOR: settings
#[derive(Clone, Debug)]
pub struct Settings {
    pub when_empty: WhenEmpty,
    /// From milestone 2: how long after the stop the publishes in flight may take.
    pub deadline: Duration,
    /// From milestone 3: at most this many events are being published.
    pub in_flight_max: usize,
    /// From milestone 4: how often an event is tried before it has failed.
    pub attempts_max: u32,
    /// From milestone 4: the wait after the first transient failure. It doubles with each further one.
    pub backoff: Duration,
}

/// What the relay does when nothing is unsent and nothing is in flight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhenEmpty {
    Return,
    /// It queries again after this time, until it is stopped.
    PollEvery(Duration),
}

/// What the relay has done, from its start.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Events that were confirmed and marked.
    pub sent: usize,
    /// Events that were marked as failed.
    pub failed: usize,
    /// Publishes that had no outcome at the deadline. Their rows are still unsent.
    pub given_up: usize,
}
// ANCHOR_END: settings

// ANCHOR: schema
/// From milestone 5: the tables of the database. A test creates them; the application, which is a test too, fills them.
pub const SCHEMA: &str = "
    CREATE TABLE orders (id INTEGER PRIMARY KEY, cents INTEGER NOT NULL);
    CREATE TABLE outbox (
        id      INTEGER PRIMARY KEY,              -- given before the transaction commits
        key     TEXT NOT NULL,
        payload TEXT NOT NULL,
        state   TEXT NOT NULL DEFAULT 'unsent',   -- then 'sent' or 'failed'
        reason  TEXT                              -- why it has failed
    );
    CREATE INDEX outbox_unsent ON outbox (id) WHERE state = 'unsent';
";
// ANCHOR_END: schema

// ANCHOR: message
/// From milestone 6: what is published on the bus. Subscribers share it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Words with dots between them, as in `orders.created`.
    pub topic: String,
    pub payload: String,
}

/// What became of a message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Receipt {
    /// Subscriptions that have it in their queue.
    pub delivered: usize,
    /// Subscriptions whose queue was full.
    pub dropped: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BusError {
    /// A word is empty, a wildcard is only a part of a word, or a `>` is not the last.
    BadPattern,
    /// A word is empty, or has a wildcard.
    BadTopic,
    /// The bus was shut down.
    Closed,
}
// ANCHOR_END: message

impl fmt::Display for BusError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            BusError::BadPattern => "this is not a pattern",
            BusError::BadTopic => "this is not a topic",
            BusError::Closed => "the bus was shut down",
        })
    }
}

impl std::error::Error for BusError {}
