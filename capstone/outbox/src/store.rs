//! What the relay asks of a message store, and the words they share.
//!
//! The relay names no database: a driver implements [`Store`], and one contract suite tests them all.

use std::fmt;
use std::future::Future;
use std::time::Duration;

use thiserror::Error;

use crate::message::{Envelope, Ident, Seq};

/// A relay's name in the store; unique for each start, so that a successor is never taken for its predecessor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner(String);

impl Owner {
    /// Names a relay, for people who read the status.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Counts the owners that a lane has had. A write with an older one changes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Epoch(pub i64);

/// The right to read a lane's rows, until it expires by the store's clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// Who holds it.
    pub owner: Owner,
    /// Which of the lane's owners that is.
    pub epoch: Epoch,
}

/// How much one fetch may bring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// At most so many rows.
    pub rows: usize,
    /// At most so many bytes, by [`Envelope::weight`].
    pub bytes: usize,
    /// The first row may exceed the bytes: an oversized message travels alone.
    pub oversized_first: bool,
}

/// Rows in the order of their `seq`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fetched {
    /// What was found.
    pub rows: Vec<Envelope>,
    /// The budget ended the fetch: there may be more.
    pub more: bool,
}

/// Whether time heals a held key, or a person must.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hold {
    /// Tried again after this long.
    RetryIn(Duration),
    /// Waits for an operator.
    Parked,
}

/// A key (or a row without one) in trouble, as the store remembers it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// What is held.
    pub ident: Ident,
    /// The row that failed: everything behind it waits.
    pub head: Seq,
    /// Attempts that have been counted for the head.
    pub attempts: u32,
    /// What it waits for, seen from now.
    pub hold: Hold,
}

/// One step of the lane's ordered writer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// The head failed: remember why, and take these rows of it out of the hot index.
    Hold {
        /// What is held, and until when.
        held: Held,
        /// The head and those behind it that had been fetched.
        rows: Vec<Seq>,
        /// The sink's words.
        error: String,
    },
    /// Rows of a held key that were fetched later.
    Follow(Vec<Seq>),
    /// No held row is left: forget the trouble.
    Free(Ident),
    /// Move one row to the dead letters.
    Bury {
        /// The row.
        row: Seq,
        /// Attempts that were made.
        attempts: u32,
        /// The sink's words.
        error: String,
    },
}

/// What one flush writes, in one transaction.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Rows that were published. Deleting them needs no lease: that they were published stays true.
    pub published: Vec<Seq>,
    /// Everything else, in order. Written only while the lease holds.
    pub fenced: Vec<Change>,
}

impl Changes {
    /// Nothing to write.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.published.is_empty() && self.fenced.is_empty()
    }
}

/// What became of a flush.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settled {
    /// All of it is committed.
    All,
    /// The lease is lost: the published rows are deleted, the rest was not written.
    Fenced,
}

/// Where committed messages wait for the relay.
///
/// Every method is cancel safe in this sense: a dropped future leaves no open transaction and no half-done
/// write; whether a write that had been handed over was made is unknown.
pub trait Store: Send + Sync + 'static {
    /// Takes the lane if nobody holds it. After it returns a lease, every earlier lease is stale.
    /// After a crash before it returns, the lane is free at once, or after `ttl`.
    fn acquire(
        &self,
        owner: &Owner,
        ttl: Duration,
    ) -> impl Future<Output = Result<Option<Lease>, StoreError>> + Send;

    /// Extends the lease by `ttl` from now. `false`: it is lost.
    fn renew(&self, lease: &Lease, ttl: Duration) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Gives the lane back. A stale lease gives nothing back, and that is no error.
    fn release(&self, lease: &Lease) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Everything in trouble. The new owner asks before its first fetch.
    fn held(&self) -> impl Future<Output = Result<Vec<Held>, StoreError>> + Send;

    /// Rows that wait and are not held, behind `after`.
    fn fetch(&self, after: Seq, budget: Budget) -> impl Future<Output = Result<Fetched, StoreError>> + Send;

    /// Held rows of `ident`, behind `after`.
    fn fetch_held(
        &self,
        ident: &Ident,
        after: Seq,
        budget: Budget,
    ) -> impl Future<Output = Result<Fetched, StoreError>> + Send;

    /// Writes in one transaction. After it returns, the changes survive a crash; after a crash before, they
    /// are all written or not at all, and writing them again does no harm.
    fn settle(
        &self,
        lease: &Lease,
        changes: &Changes,
    ) -> impl Future<Output = Result<Settled, StoreError>> + Send;

    /// Returns when something may have been committed. A hint: the relay also polls.
    fn changed(&self) -> impl Future<Output = ()> + Send;
}

/// What went wrong with a store, by what the caller can do about it.
#[derive(Clone, Debug, Error)]
pub enum StoreError {
    /// Another process keeps it locked, the disk is full, the connection is gone: try again later.
    #[error("{store}: {reason}")]
    Unavailable {
        /// Which store.
        store: String,
        /// What it said.
        reason: String,
    },
    /// It is not what it should be, and will not become so by waiting.
    #[error("{store}: {reason}")]
    Unusable {
        /// Which store.
        store: String,
        /// What is wrong, and what to do.
        reason: String,
    },
    /// The store has been shut down, or its thread has died.
    #[error("{store}: the store is closed")]
    Closed {
        /// Which store.
        store: String,
    },
}

/// What `status` shows, in one consistent reading.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Status {
    /// Rows that wait for the relay and are not held.
    pub pending: u64,
    /// Rows behind a failed one.
    pub held: u64,
    /// Messages that were given up.
    pub dead: u64,
    /// Age of the oldest waiting row, by the store's clock.
    pub oldest_ms: Option<u64>,
    /// The relay that holds the lane, if its lease is valid.
    pub owner: Option<String>,
    /// Keys in trouble, the longest first; at most 100.
    pub keys: Vec<KeyStatus>,
}

/// One key in trouble.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct KeyStatus {
    /// The key, or `row N` for a message without one.
    pub key: String,
    /// `retrying` or `parked`.
    pub state: &'static str,
    /// Attempts that have been counted for the head.
    pub attempts: u32,
    /// The sink's last words.
    pub error: String,
}
