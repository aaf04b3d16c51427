//! How much the relay holds in memory: rows and bytes, taken by a fetch and returned by the
//! acknowledgement. That is both the back-pressure and the bound on what a kill can repeat.

use crate::message::Envelope;
use crate::store::Budget;

pub(super) struct Window {
    max: Room,
    /// Rows in memory, and what fetches under way may still bring.
    taken: Room,
}

/// An amount of rows and of bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Room {
    rows: usize,
    bytes: usize,
}

impl Room {
    pub(super) fn add(&mut self, row: &Envelope) {
        self.rows += 1;
        self.bytes += row.weight();
    }
}

impl Window {
    pub(super) fn new(rows: usize, bytes: usize) -> Self {
        Self { max: Room { rows, bytes }, taken: Room::default() }
    }

    /// Room for a fetch, once a quarter of the window is free: smaller bites would cost a statement each. Only in an
    /// empty window may the first row be oversized.
    pub(super) fn reserve_quarter(&mut self, rows: usize) -> Option<Budget> {
        let free = self.free();
        let is_enough = free.rows >= self.max.rows.div_ceil(4) && free.bytes >= self.max.bytes.div_ceil(4);
        let oversized_first = self.taken == Room::default();
        is_enough
            .then(|| self.reserve(Budget { rows: rows.min(free.rows), bytes: free.bytes, oversized_first }))
    }

    /// Room for a key that is due: an eighth of the window, and in any case for one row. So at most eight oversized
    /// rows exceed the window.
    pub(super) fn reserve_eighth(&mut self) -> Option<Budget> {
        let free = self.free();
        let (rows, bytes) =
            (self.max.rows.div_ceil(8).min(free.rows), self.max.bytes.div_ceil(8).min(free.bytes));
        (rows > 0 && bytes > 0).then(|| self.reserve(Budget { rows, bytes, oversized_first: true }))
    }

    /// A fetch brought these rows; the rest of what it reserved is free again.
    pub(super) fn arrived(&mut self, budget: Budget, rows: &[Envelope]) {
        let bytes: usize = rows.iter().map(Envelope::weight).sum();
        self.taken.rows = self.taken.rows - budget.rows + rows.len();
        self.taken.bytes = self.taken.bytes - budget.bytes + bytes;
    }

    /// Rows that are settled.
    pub(super) fn release(&mut self, settled: Room) {
        self.taken.rows -= settled.rows;
        self.taken.bytes -= settled.bytes;
    }

    fn reserve(&mut self, budget: Budget) -> Budget {
        self.taken.rows += budget.rows;
        self.taken.bytes += budget.bytes;
        budget
    }

    /// An oversized message may have taken more bytes than there are.
    fn free(&self) -> Room {
        Room { rows: self.max.rows - self.taken.rows, bytes: self.max.bytes.saturating_sub(self.taken.bytes) }
    }
}
