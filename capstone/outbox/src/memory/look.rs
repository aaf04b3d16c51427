//! What is brought of the rows in memory, and what tests of the relay's core see of them.

use std::sync::Arc;

use super::{MemoryStore, Row, Tables};
use crate::message::{Envelope, RowId, Seq};
use crate::store::{Behind, Budget, Cursor, Fetched, Lane, Lease, Look};

impl MemoryStore {
    /// Rows behind the cursors, and those below that are new to the lane's reader.
    pub(crate) fn look(&self, look: &Look, budget: Budget, is_new: impl Fn(Lease, RowId) -> bool) -> Fetched {
        let tables = self.tables();
        let is_spilled = |row: &Row| row.envelope.key.as_ref().is_some_and(|key| look.spilled.contains(key));
        let mut fetched = Fetched::default();
        let part = budget.rows.div_ceil(look.cursors.len().max(1));
        for Cursor { lease, after } in look.cursors.iter().copied() {
            let is_late = |row: &Row| {
                let id = row.envelope.row();
                self.commits_late && !is_spilled(row) && !look.in_memory.contains(&id) && is_new(lease, id)
            };
            let is_wanted = |row: &Row| !row.is_held && (row.envelope.seq > after || is_late(row));
            let begin = if self.commits_late { Seq::START } else { after };
            let rows = budget.rows.min(fetched.len() + part);
            tables.take(&mut fetched, lease.lane, begin, Budget { rows, ..budget }, false, is_wanted);
        }
        fetched
    }
}

impl Tables {
    /// The lane's wanted rows behind `after`, in order, as far as what is left of the budget goes. Those of a key that is in
    /// trouble queue behind it, unless the key is asked for.
    pub(super) fn take(
        &self,
        fetched: &mut Fetched,
        lane: Lane,
        after: Seq,
        budget: Budget,
        is_asked_for: bool,
        wanted: impl Fn(&Row) -> bool,
    ) {
        let mut bytes: usize = fetched.rows.iter().map(Envelope::weight).sum();
        let behind = self.rows.range(Seq(after.0 + 1)..).map(|(_, row)| row);
        for row in behind.filter(|row| row.envelope.lane == lane && wanted(row)) {
            let count = fetched.len();
            let in_trouble = row
                .envelope
                .key
                .as_ref()
                .filter(|_| !is_asked_for && self.trouble.contains_key(&row.envelope.ident()));
            bytes += if in_trouble.is_some() { 0 } else { row.envelope.weight() };
            if count == budget.rows || bytes > budget.bytes && count > 0 {
                fetched.more.push(lane);
                break;
            }
            match in_trouble {
                Some(key) => {
                    let (key, row) = (Arc::clone(key), row.envelope.row());
                    fetched.behind.push(Behind { lane, key, row });
                }
                None => fetched.rows.push(row.envelope.clone()),
            }
        }
    }
}

#[cfg(test)]
impl MemoryStore {
    /// All rows that are not done with.
    pub(crate) fn rows(&self) -> Vec<RowId> {
        self.tables().rows.values().map(|row| row.envelope.row()).collect()
    }

    /// Whether the row is not done with.
    pub(crate) fn is_waiting(&self, row: RowId) -> bool {
        self.tables().rows.contains_key(&row.seq)
    }

    /// Whether a start of the row is written down.
    pub(crate) fn has_started(&self, row: RowId) -> bool {
        self.tables().started.contains_key(&row)
    }

    /// Whether a write under this lease would be made.
    pub(crate) fn is_owned(&self, lease: Lease) -> bool {
        self.tables().is_held(lease)
    }
}
