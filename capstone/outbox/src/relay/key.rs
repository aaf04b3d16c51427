//! One key as the core sees it: its rows in memory, and where it stands.

use std::collections::VecDeque;
use std::sync::Arc;

use tokio::time::Instant;

use super::window::Room;
use crate::message::{Envelope, Seq};
use crate::store::Lane;

pub(super) struct Key {
    pub(super) lane: Lane,
    queue: VecDeque<Arc<Envelope>>,
    /// What the queue takes of the window.
    room: Room,
    pub(super) state: State,
    pub(super) trouble: Option<Trouble>,
    pub(super) spill: Option<Spill>,
    /// So many of its next rows may have been under way when the lane's owner before ended.
    pub(super) suspects: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// Nothing of it is under way; it is in `ready` if its queue is not empty.
    Idle,
    /// Its head's start is being written, or is: see `Turns`.
    Starting,
    Publishing,
    /// Its head becomes a dead letter: see `burying`.
    Burying,
    /// Tried again at this time.
    Waiting(Instant),
    Parked,
    /// Its held rows are being read, or will be. `true`: more may have joined them since.
    Refilling(bool),
}

/// Some of the key's rows may be held in the store: it is served from there, in order, until none is left.
#[derive(Clone, Copy, Debug)]
pub(super) struct Trouble {
    pub(super) head: Seq,
    pub(super) attempts: u32,
    /// Held rows up to here have been published or buried, though perhaps not yet deleted.
    pub(super) after: Seq,
    /// The flush after which the store knows everything that has been decided about the key.
    pub(super) known_after: u64,
}

/// The key had its share of the window, so the cursor has passed some of its rows: they are asked for by key. Held
/// rows always come before them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spill {
    /// Its rows up to here are in memory, held or done.
    pub(super) after: Seq,
    /// The cursor has passed its rows up to here.
    pub(super) upto: Seq,
    /// They are being read, or will be.
    pub(super) asked: bool,
}

impl Key {
    /// A key without trouble, and without rows yet.
    pub(super) fn idle(lane: Lane) -> Self {
        let (queue, room) = (VecDeque::new(), Room::default());
        Self { lane, queue, room, state: State::Idle, trouble: None, spill: None, suspects: 0 }
    }

    pub(super) fn push(&mut self, row: Envelope) {
        self.room.add(&row);
        self.queue.push_back(Arc::new(row));
    }

    pub(super) fn pop(&mut self) -> Option<Arc<Envelope>> {
        let head = self.queue.pop_front()?;
        self.room.remove(&head);
        Some(head)
    }

    /// Takes out all rows but the first `count`.
    pub(super) fn split_off(&mut self, count: usize) -> VecDeque<Arc<Envelope>> {
        let rows = self.queue.split_off(count.min(self.queue.len()));
        rows.iter().for_each(|row| self.room.remove(row));
        rows
    }

    pub(super) fn head(&self) -> Option<&Arc<Envelope>> {
        self.queue.front()
    }

    pub(super) fn last(&self) -> Option<Seq> {
        self.queue.back().map(|row| row.seq)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    pub(super) fn room(&self) -> Room {
        self.room
    }

    /// Whether this row would exceed the key's share of the window.
    pub(super) fn is_full_for(&self, row: &Envelope, share: Room) -> bool {
        let is_over = self.room.rows >= share.rows || self.room.bytes + row.weight() > share.bytes;
        is_over && !self.queue.is_empty()
    }

    /// Whether it is time to read passed rows: not for each one that leaves, but before the last has left.
    pub(super) fn wants_refill(&self, share: Room) -> bool {
        let is_low = self.room.rows <= share.rows / 2 && self.room.bytes <= share.bytes / 2;
        let may_go_on = match self.trouble {
            None => is_low || self.queue.is_empty(),
            // Its passed rows leave the hot index too, behind the held ones.
            Some(_) => self.state == State::Parked,
        };
        may_go_on && self.spill.is_some_and(|spill| !spill.asked && spill.after < spill.upto)
    }
}
