//! What the relay writes, and what became of it.

use super::{Held, Lease};
use crate::message::{Ident, RowId};
use crate::operations::Command;

/// One step of the lane's ordered writer. Complete on purpose: a store that passed over one would lose messages. Those of one flush that are of different keys may be written in any order.
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
#[non_exhaustive]
pub struct Settled {
    /// Leases that are lost: the changes under them were not written. All else was.
    pub lost: Vec<Lease>,
    /// Of the keys that were to [continue](Change::Continue), those whose trouble is over.
    pub freed: Vec<Ident>,
}
