//! How much the relay holds in memory: rows and bytes, taken by a fetch and returned by the
//! acknowledgement. That is both the back-pressure and the bound on what a kill can repeat. A message that is larger than
//! what is free is brought all the same, or it would wait for room that nobody need ever return.

use std::collections::HashSet;

use crate::message::{Envelope, RowId};
use crate::store::{Budget, Change, Changes};

pub(super) struct Window {
    max: Room,
    /// Rows in memory, and what fetches under way may still bring.
    taken: Room,
    /// Which rows are in memory, for a store that commits late. The others need not know.
    ids: Option<HashSet<RowId>>,
}

/// An amount of rows and of bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Room {
    pub(super) rows: usize,
    pub(super) bytes: usize,
}

impl Room {
    pub(super) fn add(&mut self, row: &Envelope) {
        self.rows += 1;
        self.bytes += row.weight();
    }

    pub(super) fn join(&mut self, other: Self) {
        self.rows += other.rows;
        self.bytes += other.bytes;
    }

    pub(super) fn remove(&mut self, row: &Envelope) {
        self.rows -= 1;
        self.bytes -= row.weight();
    }
}

impl Window {
    pub(super) fn new(rows: usize, bytes: usize, commits_late: bool) -> Self {
        let ids = commits_late.then(HashSet::new);
        Self { max: Room { rows, bytes }, taken: Room::default(), ids }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.taken == Room::default() && self.ids.as_ref().is_none_or(HashSet::is_empty)
    }

    /// What one key may take: an eighth, and in any case one row.
    pub(super) fn of_a_key(&self) -> Room {
        self.part(8)
    }

    /// What one key may take when nothing else is to be read: larger flushes, and still room for who comes.
    pub(super) fn of_a_lone_key(&self) -> Room {
        self.part(2)
    }

    /// Room for a fetch, once this part of the window is free: smaller bites would cost a statement each. One row may exceed
    /// the bytes, and while it does nothing else is fetched.
    pub(super) fn reserve_part(&mut self, part: usize, rows: usize) -> Option<Budget> {
        let free = self.free();
        let is_enough =
            free.rows >= self.max.rows.div_ceil(part) && free.bytes >= self.max.bytes.div_ceil(part);
        is_enough.then(|| self.reserve(Budget { rows: rows.min(free.rows), bytes: free.bytes }))
    }

    /// Room for keys in trouble, which have `present` in memory: half of the window is for the others.
    pub(super) fn reserve_for_trouble(&mut self, present: Room, rows: usize) -> Option<Budget> {
        let (half, least, free) = (self.part(2), self.part(8), self.free());
        let free_rows = half.rows.saturating_sub(present.rows).min(free.rows);
        let bytes = half.bytes.saturating_sub(present.bytes).min(free.bytes);
        let is_enough = free_rows >= least.rows && bytes >= least.bytes;
        is_enough.then(|| self.reserve(Budget { rows: rows.min(free_rows), bytes }))
    }

    /// Room for a key that has `present` in memory and may have `max`, and in any case for one row. So at most eight
    /// oversized rows exceed the window.
    pub(super) fn reserve_for_key(&mut self, present: Room, max: Room) -> Option<Budget> {
        let free = self.free();
        let rows = max.rows.saturating_sub(present.rows).min(free.rows);
        let bytes = max.bytes.saturating_sub(present.bytes).min(free.bytes);
        (rows > 0 && bytes > 0).then(|| self.reserve(Budget { rows, bytes }))
    }

    /// A fetch has answered. What of it is kept is taken row by row.
    pub(super) fn unreserve(&mut self, budget: Budget) {
        self.release(Room { rows: budget.rows, bytes: budget.bytes });
    }

    pub(super) fn keep(&mut self, row: &Envelope) {
        self.taken.add(row);
        self.note(row.row());
    }

    /// A row that was held: nothing could bring it again.
    pub(super) fn keep_held(&mut self, row: &Envelope) {
        self.taken.add(row);
    }

    /// The row takes no room worth counting, and must not be brought again.
    pub(super) fn note(&mut self, row: RowId) {
        if let Some(ids) = &mut self.ids {
            ids.insert(row);
        }
    }

    /// A row that is given up: it is some other owner's.
    pub(super) fn drop_row(&mut self, row: &Envelope) {
        self.taken.remove(row);
        if let Some(ids) = &mut self.ids {
            ids.remove(&row.row());
        }
    }

    /// Rows that are settled.
    pub(super) fn settled(&mut self, room: Room, changes: &Changes) {
        self.release(room);
        let Some(ids) = &mut self.ids else { return };
        let fenced = changes.fenced.iter().flat_map(|fenced| match &fenced.change {
            Change::Hold { rows, .. } | Change::Follow { rows, .. } => rows.as_slice(),
            Change::Bury { row, .. } => std::slice::from_ref(row),
            // Nothing of these is in memory.
            Change::Continue(_) | Change::Execute(_) | Change::Started { .. } => &[],
        });
        for row in changes.published.iter().chain(fenced) {
            ids.remove(row);
        }
    }

    /// What a store that commits late must not bring again.
    pub(super) fn ids(&self) -> Vec<RowId> {
        let mut ids: Vec<RowId> = self.ids.iter().flatten().copied().collect();
        ids.sort_unstable();
        ids
    }

    #[cfg(test)]
    pub(super) fn taken(&self) -> Room {
        self.taken
    }

    fn part(&self, part: usize) -> Room {
        Room { rows: self.max.rows.div_ceil(part), bytes: self.max.bytes.div_ceil(part) }
    }

    fn reserve(&mut self, budget: Budget) -> Budget {
        self.taken.rows += budget.rows;
        self.taken.bytes += budget.bytes;
        budget
    }

    fn release(&mut self, room: Room) {
        self.taken.rows -= room.rows;
        self.taken.bytes -= room.bytes;
    }

    /// An oversized message may have taken more bytes than there are.
    fn free(&self) -> Room {
        let rows = self.max.rows.saturating_sub(self.taken.rows);
        Room { rows, bytes: self.max.bytes.saturating_sub(self.taken.bytes) }
    }
}
