//! Bringing rows in: behind the cursors, and by key for those that were passed.

use std::collections::hash_map::Entry;
use std::sync::Arc;

use tokio::time::Instant;

use super::Core;
use crate::message::{Envelope, Ident, Seq};
use crate::relay::event::{Effect, Refill};
use crate::relay::key::{Key, State};
use crate::relay::lanes::Slot;
#[cfg(test)]
use crate::relay::window::Room;
use crate::store::{Behind, Budget, Fetched, Look};

impl Core {
    /// Asks for rows as far as there is room. Healthy keys and those in trouble take turns at it, so that neither waits for the
    /// end of the others.
    pub(super) fn read(&mut self, now: Instant, effects: &mut Vec<Effect>) {
        if self.is_due_next {
            self.ask_for_due(now, effects);
        }
        self.fetch(effects);
        self.ask_for_due(now, effects);
        self.refill(effects);
    }

    /// Asks all hungry lanes at once, one fetch at a time.
    fn fetch(&mut self, effects: &mut Vec<Effect>) {
        let is_executed = self.flush.is_done(self.executed_after);
        if self.is_fetching || !self.lanes.any(Slot::is_hungry) || !is_executed {
            return;
        }
        let rows = self.config.fetch_rows;
        // Then everything that waits is to be read, also below a cursor: a store that went back in time may give out numbers
        // again. One that commits late looks there anyhow.
        let is_vacant =
            !self.commits_late && self.window.is_empty() && self.flush.is_idle() && self.spilled.is_empty();
        let room = self.window.reserve_part(4, rows);
        self.is_full = room.is_none();
        let (which, budget): (fn(&Slot) -> bool, _) = match room {
            Some(budget) => (Slot::is_hungry, budget),
            // What is behind passed rows does not wait for room that those do not take, or not for long.
            None if self.lanes.any(Slot::is_passing) => match self.window.reserve_part(16, rows) {
                Some(budget) => (Slot::is_passing, budget),
                None => return,
            },
            None => return,
        };
        (self.is_fetching, self.is_due_next) = (true, true);
        let mut look = Look { cursors: self.lanes.ask(which, is_vacant), ..Look::default() };
        if self.commits_late {
            look.in_memory = self.window.ids();
            let is_told = |ident: &&Ident| self.keys[*ident].spill.is_some_and(|spill| !spill.is_last);
            look.spilled = self.spilled.iter().filter(is_told).filter_map(Ident::key).cloned().collect();
        }
        effects.push(Effect::Fetch(look, budget));
    }

    pub(super) fn fetched(&mut self, look: &Look, budget: Budget, fetched: Fetched) {
        self.is_fetching = false;
        self.window.unreserve(budget);
        if fetched.is_void {
            look.cursors.iter().for_each(|cursor| self.take_again(cursor.lease));
        }
        for row in fetched.rows {
            // If the lane was lost meanwhile, its new owner reads it.
            if self.lanes.slot(row.lane).is_asked {
                self.bring(row);
            }
        }
        for Behind { lane, key, row } in fetched.behind {
            let slot = self.lanes.slot_mut(lane);
            if slot.is_asked {
                slot.pass(row.seq);
                slot.passed += 1;
                let ident = Ident::Key(key);
                match self.keys.get_mut(&ident) {
                    // Its trouble has ended since, or its other passed rows are before this one.
                    Some(key) if key.trouble.is_none() || key.spill.is_some() => self.pass(ident, row.seq),
                    _ => {
                        self.window.note(row);
                        self.follow(lane, &ident, vec![row]);
                    }
                }
            }
        }
        for broken in fetched.broken {
            let slot = self.lanes.slot_mut(broken.lane);
            if slot.is_asked {
                slot.pass(broken.row.seq);
                self.bury_broken(broken);
            }
        }
        for cursor in &look.cursors {
            let slot = self.lanes.slot_mut(cursor.lease.lane);
            slot.is_hungry |= slot.is_asked && fetched.more.contains(&cursor.lease.lane);
            // What comes later was not in memory when the lane was left.
            slot.is_suspect &= slot.is_hungry;
            slot.is_asked = false;
        }
        self.forget_fetched();
        if self.commits_late {
            self.leave_out(look);
            // Some may have waited for this fetch: see `tend_spill`.
            self.spilled.clone().iter().for_each(|ident| self.tend_spill(ident));
        }
    }

    /// Late rows of these keys are read by key.
    fn leave_out(&mut self, look: &Look) {
        for key in &look.spilled {
            let Some(key) = self.keys.get_mut(&Ident::Key(Arc::clone(key))) else { continue };
            if let Some(cursor) = look.cursors.iter().find(|cursor| cursor.lease.lane == key.lane) {
                key.leave_out(cursor.after);
            }
        }
    }

    /// One row behind the cursor.
    fn bring(&mut self, row: Envelope) {
        let share = self.window.of_a_key();
        let slot = self.lanes.slot_mut(row.lane);
        slot.pass(row.seq);
        let ident = row.ident();
        let key = match self.keys.entry(ident.clone()) {
            Entry::Occupied(key) => key.into_mut(),
            Entry::Vacant(vacant) => vacant.insert(Key::idle(row.lane)),
        };
        if key.spill.is_some() || key.trouble.is_none() && key.is_full_for(&row, share) {
            slot.passed += 1;
            return self.pass(ident, row.seq);
        }
        if key.trouble.is_some() {
            // Earlier rows of it are held in the store, or will be: this one queues behind them, there.
            slot.passed += 1;
            self.window.note(row.row());
            return self.follow(row.lane, &ident, vec![row.row()]);
        }
        if slot.is_suspect && self.turns.suspect() {
            key.suspects += 1;
        }
        let is_first = key.is_empty() && key.state == State::Idle;
        slot.passed -= 1;
        self.window.keep(&row);
        key.push(row);
        if is_first {
            self.turns.push(key, ident);
        }
    }

    /// The key's rows up to here are read by key.
    fn pass(&mut self, ident: Ident, upto: Seq) {
        let key = self.keys.get_mut(&ident).expect("it is there");
        key.pass(upto);
        let is_idle = key.is_empty() && key.state == State::Idle;
        if self.spilled.insert(ident.clone()) && is_idle {
            self.tend_spill(&ident);
        }
    }

    /// Reads passed rows of the keys that want some.
    fn refill(&mut self, effects: &mut Vec<Effect>) {
        for _ in 0..self.refills.len() {
            let Some(ident) = self.refills.pop_front() else { break };
            let key = self.keys.get_mut(&ident).expect("a refill keeps its key");
            let room = key.room();
            let spill = key.spill.as_mut().expect("a key with passed rows knows where they are");
            let lease = self.lanes.slot(key.lane).lease().expect("a refill is of a lane that is ours");
            let is_alone = self.spilled.len() == 1 && !self.lanes.any(Slot::is_hungry);
            let share = if is_alone { self.window.of_a_lone_key() } else { self.window.of_a_key() };
            match self.window.reserve_for_key(room, share) {
                Some(budget) => {
                    let (after, upto) = (spill.after, spill.ask());
                    self.refilling += 1;
                    effects.push(Effect::Refill(Refill { lease, ident, after, upto, budget }));
                }
                None => self.refills.push_back(ident),
            }
        }
    }

    pub(super) fn refilled(&mut self, refill: &Refill, fetched: Fetched) {
        self.refilling -= 1;
        self.window.unreserve(refill.budget);
        if !self.lanes.is_open(refill.lease) {
            return;
        }
        if fetched.is_void {
            return self.take_again(refill.lease);
        }
        let ident = &refill.ident;
        let key = self.keys.get_mut(ident).expect("a key with passed rows is kept");
        let spill = key.spill.as_mut().expect("it is being read");
        spill.asked = false;
        if key.trouble.is_some() && key.state != State::Held {
            // It came back from the store's hands meanwhile. What is held of it comes first.
            return spill.ask_again(refill.upto);
        }
        let last = fetched.rows.last().map(|row| row.seq).max(fetched.broken.last().map(|row| row.row.seq));
        spill.after = spill.after.max(last.unwrap_or(spill.after));
        if !fetched.more.is_empty() {
            spill.ask_again(refill.upto);
        } else if refill.upto >= spill.upto {
            // No further: a row of it above may have a number already, and be committed late.
            spill.after = spill.after.max(spill.upto);
        }
        if key.trouble.is_some() {
            let rows: Vec<_> = fetched.rows.iter().map(Envelope::row).collect();
            if rows.is_empty() {
                self.tend_spill(ident);
            } else {
                rows.iter().for_each(|row| self.window.note(*row));
                self.follow(refill.lease.lane, ident, rows);
            }
        } else {
            let is_first = key.is_empty() && key.state == State::Idle && !fetched.rows.is_empty();
            for row in fetched.rows {
                self.window.keep(&row);
                key.push(row);
            }
            if is_first {
                self.turns.push(key, ident.clone());
            }
            self.tend_spill(ident);
        }
        for broken in fetched.broken {
            self.bury_broken(broken);
        }
    }

    /// Asks for passed rows when it is time, or forgets that there were some.
    pub(super) fn tend_spill(&mut self, ident: &Ident) {
        let Some(key) = self.keys.get_mut(ident) else { return };
        if key.trouble.is_some_and(|trouble| !self.flush.is_done(trouble.known_after)) {
            // Whether it is still in trouble is not known yet: see `known`.
            return;
        }
        let wants_refill = key.wants_refill(self.window.of_a_key());
        let Some(spill) = &mut key.spill else { return };
        // A fetch that was told to leave the key's late rows out must not bring later ones as if there were none.
        if spill.is_read() && self.commits_late && self.is_fetching {
            return;
        }
        if wants_refill {
            (spill.asked, spill.is_last) = (true, spill.is_read());
            self.refills.push_back(ident.clone());
            return;
        }
        if !spill.is_read() || spill.asked || spill.left_out > spill.after {
            return;
        }
        key.spill = None;
        self.spilled.remove(ident);
        if key.trouble.is_some() {
            self.forget(ident.clone());
        } else if key.is_empty() && key.state == State::Idle {
            self.keys.remove(ident);
        }
    }

    /// What the window says is taken, and what of that is in memory: the rest is reserved by reads under way.
    #[cfg(test)]
    pub(in crate::relay) fn room(&self) -> (Room, Room) {
        let mut present = self.flush.leaving();
        for key in self.keys.values() {
            present.join(key.room());
            // It leaves already.
            if let (State::Burying, Some(head)) = (key.state, key.head()) {
                present.remove(head);
            }
        }
        (self.window.taken(), present)
    }
}
