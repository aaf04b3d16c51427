//! What the relay asks for, and what it is brought.

use std::sync::Arc;
use std::time::Duration;

use super::{Held, Lane, Lease};
use crate::message::{Envelope, Ident, RowId, Seq};

/// Where to look for rows, and what to leave out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Look {
    /// The lanes, each with the place to go on from. The first has the first claim on the budget.
    pub cursors: Vec<Cursor>,
    /// Rows that the relay has in memory. Empty unless the store [commits late](super::Store::commits_late).
    pub in_memory: Vec<RowId>,
    /// Keys whose rows below the cursor the relay asks for by key. Empty unless the store commits late.
    pub spilled: Vec<Arc<str>>,
}

/// A place in a lane: the relay has met everything up to it that it could see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// Under which lease. A store that remembers something about a lane forgets it with the lease.
    pub lease: Lease,
    /// Go on behind this row; [`Seq::START`]: from the beginning.
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
#[non_exhaustive]
pub struct Fetched {
    /// What may be published.
    pub rows: Vec<Envelope>,
    /// Rows of keys in trouble: they must queue behind those that are held.
    pub behind: Vec<Behind>,
    /// Rows that cannot be read: what is wrong with each.
    pub broken: Vec<Broken>,
    /// Lanes that the budget cut short: there may be more.
    pub more: Vec<Lane>,
    /// The store is not the one that the cursors are about: it was restored, or another server has taken over. Or the lease
    /// under which rows were asked for by key is lost. Nothing was fetched; the lanes must be taken again.
    pub is_void: bool,
}

impl Fetched {
    /// Rows of all kinds.
    pub(crate) fn len(&self) -> usize {
        self.rows.len() + self.behind.len() + self.broken.len()
    }

    /// Where each of them is.
    #[cfg(feature = "postgres")]
    pub(crate) fn places(&self) -> impl Iterator<Item = (Lane, Seq)> {
        let rows = self.rows.iter().map(|row| (row.lane, row.seq));
        let behind = self.behind.iter().map(|behind| (behind.lane, behind.row.seq));
        rows.chain(behind).chain(self.broken.iter().map(|broken| (broken.lane, broken.row.seq)))
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
#[non_exhaustive]
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
