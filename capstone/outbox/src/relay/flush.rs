//! What is decided and not yet committed: one flush is under way, and what is decided meanwhile goes into the next.

use std::mem::take;

use super::window::Room;
use crate::message::Envelope;
use crate::store::{Change, Changes, Fenced, Lease};

#[derive(Default)]
pub(super) struct Flush {
    /// Decided, and not yet handed to the store.
    changes: Changes,
    /// The room that returns to the window when `changes` is committed.
    leaving: Room,
    /// The same for the flush under way.
    under_way: Option<Room>,
    begun: u64,
    done: u64,
}

impl Flush {
    /// The number of the flush that what is decided now goes into.
    pub(super) fn next(&self) -> u64 {
        self.begun + 1
    }

    /// Whether the flush of this number is committed, and with it everything before.
    pub(super) fn is_done(&self, number: u64) -> bool {
        number <= self.done
    }

    /// Nothing is under way, and nothing waits.
    pub(super) fn is_idle(&self) -> bool {
        self.under_way.is_none() && self.changes.is_empty()
    }

    pub(super) fn delete(&mut self, row: &Envelope) {
        self.changes.published.push(row.row());
        self.leaving.add(row);
    }

    pub(super) fn change(&mut self, lease: Lease, change: Change) {
        self.changes.fenced.push(Fenced { lease, change });
    }

    /// The row leaves the window with the next flush.
    pub(super) fn leave(&mut self, row: &Envelope) {
        self.leaving.add(row);
    }

    /// The room of what leaves, decided or under way.
    #[cfg(test)]
    pub(super) fn leaving(&self) -> Room {
        let mut leaving = self.leaving;
        leaving.join(self.under_way.unwrap_or_default());
        leaving
    }

    /// What to write now, if there is something and nothing is under way.
    pub(super) fn begin(&mut self) -> Option<Changes> {
        if self.under_way.is_some() || self.changes.is_empty() {
            return None;
        }
        self.under_way = Some(take(&mut self.leaving));
        self.begun += 1;
        Some(take(&mut self.changes))
    }

    /// The flush under way is committed: this room returns to the window.
    pub(super) fn end(&mut self) -> Room {
        self.done += 1;
        self.under_way.take().expect("a flush that ends was begun")
    }
}
