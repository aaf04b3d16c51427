//! What the relay asks of a message store, and the words they share.
//!
//! The relay names no database: a driver implements [`Store`], and one contract suite tests them all.

mod change;
#[cfg(any(feature = "sqlite", feature = "postgres"))]
mod looks;
mod read;

use std::fmt;
use std::future::Future;
use std::time::Duration;

pub use crate::error::StoreError;
pub use crate::lane::Lane;
pub use change::{Change, Changes, Fenced, Settled};
#[cfg(any(feature = "sqlite", feature = "postgres"))]
pub(crate) use looks::Looks;
pub use read::{Behind, Broken, Budget, Cursor, Due, DueKey, DueLook, Fetched, Look};

use crate::message::{Ident, RowId, Seq};
use crate::operations::{Command, Pause};

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

/// Grows whenever a lane is taken or given back. A write with an older one changes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Epoch(pub i64);

/// The right to read a lane's rows, until it expires by the store's clock.
///
/// Lane and epoch together name one ownership for ever, so they fence by themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lease {
    /// What it is for.
    pub lane: Lane,
    /// Which of the lane's ownerships it is.
    pub epoch: Epoch,
}

/// What a relay hears when it says that it is alive.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Renewed {
    /// All leases that it holds, each extended.
    pub leases: Vec<Lease>,
    /// Relays that are alive, this one included: what the lanes are shared among.
    pub relays: u16,
    /// What operators want of its lanes: the oldest commands that are not answered.
    pub commands: Vec<Command>,
    /// An operator wants nothing to be published.
    pub is_paused: bool,
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
    /// Where it is.
    pub lane: Lane,
    /// What is held.
    pub ident: Ident,
    /// The row that failed: everything behind it waits.
    pub head: RowId,
    /// Attempts that have been counted for the head.
    pub attempts: u32,
    /// What it waits for, seen from now.
    pub hold: Hold,
}

/// What earlier owners have left behind, for a new one who asks what may have ended them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Legacy {
    /// Lanes whose last owner did not give them back: its process has ended, or it is stopped.
    pub abandoned: Vec<Lane>,
    /// Rows whose publishing has begun without an outcome.
    pub started: Vec<Started>,
}

/// A row that was under way when an owner ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Started {
    /// Where it is.
    pub lane: Lane,
    /// The row.
    pub row: RowId,
    /// How often that has happened.
    pub starts: u32,
}

/// Where committed messages wait for the relay. Open: a database of your own can be one. Whether it keeps its promises is tested by
/// `testing::store`, feature `testing`. A store without operators never tells a command, and so never gets
/// [`Change::Execute`].
///
/// A method that is added later comes with a default. What is answered has a [`Default`], from which it is built:
///
/// ```
/// use capstone_outbox::store::Fetched;
///
/// let mut fetched = Fetched::default();
/// fetched.rows = vec![];
/// ```
///
/// Every method is cancel safe in this sense: a dropped future leaves no open transaction and no half-done
/// write; whether a write that had been handed over was made is unknown.
pub trait Store: Send + Sync + 'static {
    /// How many lanes there are, for the whole life of the store: lane 0 up to this number, exclusive.
    fn lanes(&self) -> u16 {
        1
    }

    /// Whether a row may become visible after one with a higher `seq`. Such a store looks below the cursors too,
    /// and is told what the relay has in memory.
    fn commits_late(&self) -> bool {
        false
    }

    /// Says that `owner` is alive for another `ttl`, which extends every lease that it holds. After it returns,
    /// a lease of the owner that is not among the answer is lost. After a crash, the relay counts as alive until
    /// `ttl` has passed, or the store knows better.
    fn renew(&self, owner: &Owner, ttl: Duration)
    -> impl Future<Output = Result<Renewed, StoreError>> + Send;

    /// Takes at most `lanes_max` lanes that nobody holds. After it returns a lease, every earlier one of that lane
    /// is stale. After a crash before it returns, the lanes are free at once, or after `ttl`; without a crash
    /// the next `renew` tells of them.
    fn acquire(
        &self,
        owner: &Owner,
        lanes_max: u16,
        ttl: Duration,
    ) -> impl Future<Output = Result<Vec<Lease>, StoreError>> + Send;

    /// Gives lanes back. A stale lease gives nothing back, and that is no error.
    fn release(&self, leases: &[Lease]) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Gives back all that `owner` holds; it does not count as alive any more.
    fn leave(&self, owner: &Owner) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// How these lanes were left. The new owner asks before its first fetch.
    fn legacy(&self, lanes: &[Lane]) -> impl Future<Output = Result<Legacy, StoreError>> + Send;

    /// Rows that wait and are not held, behind the cursors. One budget for all lanes, in one round trip, and an equal
    /// part of its rows for each: the backlog of one lane must not fill the window.
    ///
    /// A store that commits late also brings what has become visible at or below a cursor, except for rows in memory
    /// and of spilled keys. It never brings a row of a key while an earlier one that is visible by then is left
    /// out: else the later one would be published first.
    fn fetch(&self, look: &Look, budget: Budget) -> impl Future<Output = Result<Fetched, StoreError>> + Send;

    /// Keys in trouble whose time has come, each with its first held rows.
    fn due(&self, look: &DueLook, budget: Budget) -> impl Future<Output = Result<Due, StoreError>> + Send;

    /// Rows of `key` that wait and are not held, behind `after` and up to `upto`. Void once the lease is lost: what its next
    /// owner holds is left out, and rows behind that would be published first.
    fn fetch_spilled(
        &self,
        lease: Lease,
        key: &str,
        after: Seq,
        upto: Seq,
        budget: Budget,
    ) -> impl Future<Output = Result<Fetched, StoreError>> + Send;

    /// Writes in one transaction. After it returns, the changes survive a crash; after a crash before, they
    /// are all written or not at all, and writing them again does no harm.
    fn settle(&self, changes: &Changes) -> impl Future<Output = Result<Settled, StoreError>> + Send;

    /// Says that a relay would look at these lanes, and has no room for what is in them. For whoever examines the store: a relay
    /// that neither looks nor says this does not read.
    fn full(&self, _lanes: &[Lane]) {}

    /// Returns when something may have been committed. A hint: the relay also polls.
    fn changed(&self) -> impl Future<Output = ()> + Send;

    /// Whether [`changed`](Self::changed) is also told with each renewal of what was committed since the one before. Then the
    /// relay seldom polls.
    fn renewals_tell(&self) -> bool {
        false
    }
}

/// What `status` shows, in one consistent reading.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct Status {
    /// Rows that wait for the relay and are not held.
    pub pending: u64,
    /// Rows behind a failed one.
    pub held: u64,
    /// Messages that were given up.
    pub dead: u64,
    /// One of these counts is above [`COUNTED_MAX`](Self::COUNTED_MAX), and an estimate.
    pub is_estimate: bool,
    /// Age of the oldest waiting row, by the store's clock.
    pub oldest_ms: Option<u64>,
    /// Who paused the outbox, if it is.
    pub paused: Option<Pause>,
    /// How many lanes there are.
    pub lanes: u16,
    /// The relay that holds every lane, if there is one.
    pub owner: Option<String>,
    /// All relays that hold a lane, by name.
    pub relays: Vec<RelayStatus>,
    /// Keys in trouble, the longest first; at most 100.
    pub keys: Vec<KeyStatus>,
}

impl Status {
    /// What is more is not counted by every store: it would take as long as reading all of it.
    pub const COUNTED_MAX: u64 = 100_000;

    /// Whether this count, one of `pending`, `held` and `dead`, is an estimate.
    #[must_use]
    pub fn is_estimated(&self, count: u64) -> bool {
        self.is_estimate && count > Self::COUNTED_MAX
    }
}

/// One relay with a valid lease.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct RelayStatus {
    /// Its name.
    pub owner: String,
    /// How many lanes it holds.
    pub lanes: u16,
}

/// One key in trouble.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
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
