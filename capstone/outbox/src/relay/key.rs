//! One key as the core sees it: its rows in memory, and where it stands.

use std::collections::VecDeque;
use std::sync::Arc;

use super::breaker::Ticket;
use super::window::Room;
use crate::message::{Envelope, RowId, Seq};
use crate::store::Lane;

pub(super) struct Key {
    pub(super) lane: Lane,
    queue: VecDeque<Arc<Envelope>>,
    /// What the queue takes of the window.
    room: Room,
    pub(super) state: State,
    /// The store has it as a key in trouble, or will.
    pub(super) trouble: Option<Trouble>,
    pub(super) spill: Option<Spill>,
    /// This many of its next rows may have been under way when the lane's owner before ended.
    pub(super) suspects: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// Nothing of it is under way; it waits for its turn if its queue is not empty.
    Idle,
    /// Its head's start is being written, or is: see `Turns`.
    Starting,
    Publishing(Ticket),
    /// Its head becomes a dead letter: see `burying`.
    Burying,
    /// In the store's hands: it has no rows in memory, and is forgotten once every fetch knows of its trouble.
    Held,
}

/// Its rows in memory were held in the store and came back because they were due. Others of it may be held behind them, so what
/// is fetched of it queues there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Trouble {
    /// Attempts that have been counted, and for which row.
    pub(super) attempts: Option<(RowId, u32)>,
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
    /// A fetch has left out those that had become visible late, up to here. They are no news to the next one.
    pub(super) left_out: Seq,
    /// What fetches have left out is read for the last time: they bring its late rows again.
    pub(super) is_last: bool,
    /// They are being read, or will be.
    pub(super) asked: bool,
}

impl Spill {
    /// Nothing is known to be there that has not been read.
    pub(super) fn is_read(&self) -> bool {
        self.after >= self.upto
    }

    /// Up to where it is read next: what a fetch leaves out from now on is left out anew.
    pub(super) fn ask(&mut self) -> Seq {
        self.upto.max(std::mem::replace(&mut self.left_out, Seq::START))
    }

    /// What was asked for up to here was not all read.
    pub(super) fn ask_again(&mut self, upto: Seq) {
        if upto > self.upto {
            self.left_out = self.left_out.max(upto);
        }
    }
}

impl Key {
    /// A key without trouble, and without rows yet.
    pub(super) fn idle(lane: Lane) -> Self {
        let (queue, room) = (VecDeque::new(), Room::default());
        Self { lane, queue, room, state: State::Idle, trouble: None, spill: None, suspects: 0 }
    }

    /// A key that is in trouble in the store.
    pub(super) fn held(lane: Lane) -> Self {
        Self { state: State::Held, trouble: Some(Trouble::default()), ..Self::idle(lane) }
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

    /// That of the publish under way.
    pub(super) fn ticket(&self) -> Option<Ticket> {
        match self.state {
            State::Publishing(ticket) => Some(ticket),
            _ => None,
        }
    }

    /// Attempts that have been counted for this row.
    pub(super) fn attempts(&self, row: RowId) -> u32 {
        let counted = self.trouble.and_then(|trouble| trouble.attempts);
        counted.filter(|(head, _)| *head == row).map_or(0, |(_, attempts)| attempts)
    }

    /// The cursor passes its rows up to here.
    pub(super) fn pass(&mut self, upto: Seq) {
        match &mut self.spill {
            Some(spill) => (spill.upto, spill.is_last) = (spill.upto.max(upto), false),
            None => {
                let after = self.last().unwrap_or(Seq(upto.0 - 1));
                let (left_out, is_last) = (Seq::START, false);
                self.spill = Some(Spill { after, upto, left_out, is_last, asked: false });
            }
        }
    }

    /// Whether this row would exceed the key's share of the window.
    pub(super) fn is_full_for(&self, row: &Envelope, share: Room) -> bool {
        let is_over = self.room.rows >= share.rows || self.room.bytes + row.weight() > share.bytes;
        is_over && !self.queue.is_empty()
    }

    /// A fetch that began behind this cursor has left the key's late rows out.
    pub(super) fn leave_out(&mut self, cursor: Seq) {
        if let Some(spill) = &mut self.spill {
            spill.left_out = spill.left_out.max(cursor);
        }
    }

    /// Whether it is time to read passed rows: not for each one that leaves, but before the last has left.
    pub(super) fn wants_refill(&self, share: Room) -> bool {
        let is_low = self.room.rows <= share.rows / 2 && self.room.bytes <= share.bytes / 2;
        let may_go_on = match self.trouble {
            None => is_low || self.queue.is_empty(),
            // Its passed rows leave the hot index too, behind the held ones.
            Some(_) => self.state == State::Held,
        };
        may_go_on
            && self.spill.is_some_and(|spill| !spill.asked && spill.after < spill.upto.max(spill.left_out))
    }
}
