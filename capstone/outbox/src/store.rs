//! What the relay asks of a message store, and the words they share.
//!
//! The relay names no database: a driver implements [`Store`], and one contract suite tests them all.

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use thiserror::Error;

use crate::message::{Envelope, Ident, RowId, Seq};
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

/// A part of the store that one relay reads. All rows of a key are in the same one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Lane(pub u16);

impl fmt::Display for Lane {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
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

/// Where to look for rows, and what to leave out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Look {
    /// The lanes, each with the place to go on from. The first has the first claim on the budget.
    pub cursors: Vec<Cursor>,
    /// Rows that the relay has in memory. Empty unless the store [commits late](Store::commits_late).
    pub in_memory: Vec<RowId>,
    /// Keys whose rows below the cursor the relay asks for by key. Empty unless the store commits late.
    pub spilled: Vec<Arc<str>>,
}

/// A place in a lane: the relay has met everything up to it that it could see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// Under which lease. A store that remembers something about a lane forgets it with the lease.
    pub lease: Lease,
    /// Go on behind this row.
    pub after: Seq,
}

/// How much one fetch may bring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// At most this many rows, and at least one.
    pub rows: usize,
    /// At most this many bytes, by [`Envelope::weight`]; the first row comes whatever it weighs, or it never would.
    pub bytes: usize,
}

/// Rows, each lane's in the order of their `seq`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fetched {
    /// What may be published.
    pub rows: Vec<Envelope>,
    /// Rows of keys in trouble: they must queue behind those that are held.
    pub behind: Vec<Behind>,
    /// Rows that cannot be read: what is wrong with each.
    pub broken: Vec<Broken>,
    /// Lanes that the budget cut short: there may be more.
    pub more: Vec<Lane>,
    /// The store is not the one that the cursors are about: it was restored, or another server has taken over. Nothing
    /// was fetched; the lanes must be taken again.
    pub is_void: bool,
}

impl Fetched {
    /// Rows of all kinds.
    pub(crate) fn len(&self) -> usize {
        self.rows.len() + self.behind.len() + self.broken.len()
    }
}

/// A row of a key that is in trouble.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Behind {
    /// Where it is.
    pub lane: Lane,
    /// Whose it is.
    pub key: Arc<str>,
    /// The row.
    pub row: RowId,
}

/// A row that no program could publish, because its text is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// Where it is.
    pub lane: Lane,
    /// The row.
    pub row: RowId,
    /// What is wrong with it.
    pub error: String,
}

/// Which keys in trouble to bring.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DueLook {
    /// In these lanes.
    pub lanes: Vec<Lane>,
    /// Not these: the relay has them in memory.
    pub except: Vec<Ident>,
    /// Of each key at most this many rows.
    pub rows_each: usize,
    /// No key waits longer than this: if one does, a clock was wrong when that was written, and it is due.
    pub wait_max: Duration,
}

/// Keys in trouble whose time has come.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Due {
    /// The longest due first.
    pub keys: Vec<DueKey>,
    /// Held rows that cannot be read.
    pub broken: Vec<Broken>,
    /// The budget ended before them.
    pub is_more: bool,
    /// When the next one is due, seen from now. `None`: all others are parked, if there are any.
    pub next: Option<Duration>,
}

/// One of them, with its first rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueKey {
    /// What is held, and how often its head was tried.
    pub held: Held,
    /// Its first held rows, in order. Empty: none is left, and the trouble is over.
    pub rows: Vec<Envelope>,
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

/// One step of the lane's ordered writer. Those of one flush that are of different keys may be written in any order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// The head failed: remember why, and take these rows of it out of the hot index.
    Hold {
        /// What is held, and until when.
        held: Held,
        /// The head and those behind it that had been fetched and are not held yet.
        rows: Vec<RowId>,
        /// The sink's words.
        error: String,
    },
    /// Rows of a key in trouble that were fetched later. If the key is in trouble no more, it is again, and due.
    Follow {
        /// Whose rows.
        ident: Ident,
        /// The rows.
        rows: Vec<RowId>,
    },
    /// The held rows that were brought are done. If none is left, the trouble is over and forgotten; else the key is due.
    Continue(Ident),
    /// Move one row to the dead letters.
    Bury {
        /// The row.
        row: RowId,
        /// Attempts that were made.
        attempts: u32,
        /// The sink's words.
        error: String,
    },
    /// Do what an operator wants, or refuse it if the key's head is another one by now; and write down the answer.
    Execute(Command),
    /// Remember how often the row's publishing has begun without an outcome. 0: forget it.
    Started {
        /// The row.
        row: RowId,
        /// This often, this time included.
        starts: u32,
    },
}

/// A change that is written only while its lease holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fenced {
    /// Of the lane that it belongs to.
    pub lease: Lease,
    /// What to write.
    pub change: Change,
}

/// What one flush writes, in one transaction.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Rows that were published. Deleting them needs no lease: that they were published stays true.
    pub published: Vec<RowId>,
    /// Everything else.
    pub fenced: Vec<Fenced>,
}

impl Changes {
    /// Nothing to write.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.published.is_empty() && self.fenced.is_empty()
    }
}

/// What became of a flush, once it is committed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settled {
    /// Leases that are lost: the changes under them were not written. All else was.
    pub lost: Vec<Lease>,
    /// Of the keys that were to [continue](Change::Continue), those whose trouble is over.
    pub freed: Vec<Ident>,
}

/// Where committed messages wait for the relay.
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

    /// Rows of `key` that wait and are not held, behind `after` and up to `upto`.
    fn fetch_spilled(
        &self,
        lane: Lane,
        key: &str,
        after: Seq,
        upto: Seq,
        budget: Budget,
    ) -> impl Future<Output = Result<Fetched, StoreError>> + Send;

    /// Writes in one transaction. After it returns, the changes survive a crash; after a crash before, they
    /// are all written or not at all, and writing them again does no harm.
    fn settle(&self, changes: &Changes) -> impl Future<Output = Result<Settled, StoreError>> + Send;

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
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct RelayStatus {
    /// Its name.
    pub owner: String,
    /// How many lanes it holds.
    pub lanes: u16,
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
