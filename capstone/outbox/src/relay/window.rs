//! How much the relay holds in memory: rows and bytes, taken by a fetch and returned by the
//! acknowledgement. That is both the back-pressure and the bound on what a kill can repeat.

use std::collections::HashSet;

use crate::message::{Envelope, Seq};
use crate::store::{Budget, Change, Changes};

pub(super) struct Window {
    max: Room,
    /// Rows in memory, and what fetches under way may still bring.
    taken: Room,
    /// Which rows are in memory, for a store that commits late. The others need not know.
    seqs: Option<HashSet<Seq>>,
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

    pub(super) fn remove(&mut self, row: &Envelope) {
        self.rows -= 1;
        self.bytes -= row.weight();
    }
}

impl Window {
    pub(super) fn new(rows: usize, bytes: usize, commits_late: bool) -> Self {
        let seqs = commits_late.then(HashSet::new);
        Self { max: Room { rows, bytes }, taken: Room::default(), seqs }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.taken == Room::default() && self.seqs.as_ref().is_none_or(HashSet::is_empty)
    }

    /// What one key may take: an eighth, and in any case one row.
    pub(super) fn of_a_key(&self) -> Room {
        self.part(8)
    }

    /// What one key may take when nothing else is to be read: larger flushes, and still room for who comes.
    pub(super) fn of_a_lone_key(&self) -> Room {
        self.part(2)
    }

    /// Room for a fetch, once this part of the window is free: smaller bites would cost a statement each. Only in an
    /// empty window may the first row be oversized.
    pub(super) fn reserve_part(&mut self, part: usize, rows: usize) -> Option<Budget> {
        let free = self.free();
        let is_enough =
            free.rows >= self.max.rows.div_ceil(part) && free.bytes >= self.max.bytes.div_ceil(part);
        let oversized_first = self.taken == Room::default();
        is_enough
            .then(|| self.reserve(Budget { rows: rows.min(free.rows), bytes: free.bytes, oversized_first }))
    }

    /// Room for a key that has `present` in memory and may have `max`, and in any case for one row. So at most eight
    /// oversized rows exceed the window.
    pub(super) fn reserve_for_key(&mut self, present: Room, max: Room) -> Option<Budget> {
        let free = self.free();
        let rows = max.rows.saturating_sub(present.rows).min(free.rows);
        let bytes = max.bytes.saturating_sub(present.bytes).min(free.bytes);
        (rows > 0 && bytes > 0).then(|| self.reserve(Budget { rows, bytes, oversized_first: true }))
    }

    /// A fetch has answered. What of it is kept is taken row by row.
    pub(super) fn unreserve(&mut self, budget: Budget) {
        self.release(Room { rows: budget.rows, bytes: budget.bytes });
    }

    pub(super) fn keep(&mut self, row: &Envelope) {
        self.taken.add(row);
        if let Some(seqs) = &mut self.seqs {
            seqs.insert(row.seq);
        }
    }

    /// A row that is given up: it is some other owner's.
    pub(super) fn drop_row(&mut self, row: &Envelope) {
        self.taken.remove(row);
        if let Some(seqs) = &mut self.seqs {
            seqs.remove(&row.seq);
        }
    }

    /// Rows that are settled.
    pub(super) fn settled(&mut self, room: Room, changes: &Changes) {
        self.release(room);
        let Some(seqs) = &mut self.seqs else { return };
        let fenced = changes.fenced.iter().flat_map(|fenced| match &fenced.change {
            Change::Hold { rows, .. } | Change::Follow(rows) => rows.as_slice(),
            Change::Bury { row, .. } => std::slice::from_ref(row),
            // A discarded row is not in memory.
            Change::Free(_) | Change::Discard { .. } | Change::Answer(..) | Change::Started { .. } => &[],
        });
        for seq in changes.published.iter().chain(fenced) {
            seqs.remove(seq);
        }
    }

    /// What a store that commits late must not bring again.
    pub(super) fn seqs(&self) -> Vec<Seq> {
        let mut seqs: Vec<Seq> = self.seqs.iter().flatten().copied().collect();
        seqs.sort_unstable();
        seqs
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
        Room { rows: self.max.rows - self.taken.rows, bytes: self.max.bytes.saturating_sub(self.taken.bytes) }
    }
}
