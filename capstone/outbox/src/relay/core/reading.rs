//! Bringing rows in: behind the cursors, and by key for those that are held or were passed.

use std::collections::hash_map::Entry;

use super::{Core, Fetching, Want};
use crate::message::{Envelope, Ident, Seq};
use crate::relay::event::{Effect, Refill, Source};
use crate::relay::key::{Key, Spill, State};
use crate::relay::lanes::Slot;
use crate::store::{Budget, Change, Fetched, Look};

impl Core {
    /// Asks all hungry lanes at once, one fetch at a time.
    pub(super) fn fetch(&mut self, effects: &mut Vec<Effect>) {
        let is_discarded = self.flush.is_done(self.discarded_after);
        if self.fetching != Fetching::Idle || !self.lanes.any(Slot::is_hungry) || !is_discarded {
            return;
        }
        let rows = self.config.fetch_rows;
        let (which, budget): (fn(&Slot) -> bool, _) = match self.window.reserve_part(4, rows) {
            Some(budget) => (Slot::is_hungry, budget),
            // What is behind passed rows does not wait for room that those do not take, or not for long.
            None if self.lanes.any(Slot::is_passing) => match self.window.reserve_part(16, rows) {
                Some(budget) => (Slot::is_passing, budget),
                None => return,
            },
            None => return,
        };
        self.fetching = Fetching::Underway;
        let mut look = Look { cursors: self.lanes.ask(which), ..Look::default() };
        if self.commits_late {
            look.in_memory = self.window.seqs();
            look.spilled = self.spilled.iter().filter_map(Ident::key).cloned().collect();
        }
        effects.push(Effect::Fetch(look, budget));
    }

    pub(super) fn fetched(&mut self, look: &Look, budget: Budget, fetched: Fetched) {
        let is_starved = fetched.rows.is_empty() && !fetched.more.is_empty();
        self.fetching = if is_starved { Fetching::Starved } else { Fetching::Idle };
        self.window.unreserve(budget);
        let share = self.window.of_a_key();
        let mut follow = Vec::new();
        for row in fetched.rows {
            let slot = self.lanes.slot_mut(row.lane);
            if !slot.is_asked {
                // The lane was lost meanwhile: its new owner reads it.
                continue;
            }
            slot.pass(row.seq);
            let ident = row.ident();
            let key = match self.keys.entry(ident.clone()) {
                Entry::Occupied(key) => key.into_mut(),
                Entry::Vacant(vacant) => vacant.insert(Key::idle(row.lane)),
            };
            if let Some(spill) = &mut key.spill {
                spill.upto = spill.upto.max(row.seq);
                slot.passed += 1;
                continue;
            }
            if let Some(trouble) = &mut key.trouble {
                // Earlier rows of it are held in the store: this one must queue behind them, there.
                trouble.known_after = self.flush.next();
                if let State::Refilling(joined) = &mut key.state {
                    *joined = true;
                }
                slot.passed += 1;
                self.window.keep(&row);
                follow.push(row);
                continue;
            }
            if key.is_full_for(&row, share) {
                let after = key.last().expect("a full key has rows");
                key.spill = Some(Spill { after, upto: row.seq, asked: false });
                self.spilled.insert(ident);
                slot.passed += 1;
                continue;
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
        for cursor in &look.cursors {
            let slot = self.lanes.slot_mut(cursor.lease.lane);
            slot.is_hungry |= slot.is_asked && fetched.more.contains(&cursor.lease.lane);
            // What comes later was not in memory when the lane was left.
            slot.is_suspect &= slot.is_hungry;
            slot.is_asked = false;
        }
        self.follow(&follow);
        if self.commits_late {
            // Some may have waited for this fetch: see `tend_spill`.
            self.spilled.clone().iter().for_each(|ident| self.tend_spill(ident));
        }
    }

    /// Reads rows of the keys that want some, once the store knows what has been decided about them.
    pub(super) fn refill(&mut self, effects: &mut Vec<Effect>) {
        for _ in 0..self.refills.len() {
            let Some((ident, want)) = self.refills.pop_front() else { break };
            let key = self.keys.get_mut(&ident).expect("a refill keeps its key");
            let (after, from, is_known) = match want {
                Want::Held => {
                    let trouble = key.trouble.expect("only keys in trouble have held rows");
                    (trouble.after, Source::Held, self.flush.is_done(trouble.known_after))
                }
                Want::Passed => {
                    let spill = key.spill.expect("a key with passed rows knows where they are");
                    (spill.after, Source::Spilled(spill.upto), true)
                }
            };
            let lease = self.lanes.slot(key.lane).lease().expect("a refill is of a lane that is ours");
            let is_alone = self.spilled.len() == 1 && !self.lanes.any(Slot::is_hungry);
            let share = match want {
                Want::Passed if is_alone => self.window.of_a_lone_key(),
                Want::Passed | Want::Held => self.window.of_a_key(),
            };
            let Some(budget) = is_known.then(|| self.window.reserve_for_key(key.room(), share)).flatten()
            else {
                self.refills.push_back((ident, want));
                continue;
            };
            if want == Want::Held {
                key.state = State::Refilling(false);
            }
            effects.push(Effect::Refill(Refill { lease, ident, after, from, budget }));
        }
    }

    pub(super) fn refilled(&mut self, refill: &Refill, fetched: Fetched) {
        self.window.unreserve(refill.budget);
        if !self.lanes.is_open(refill.lease) {
            return;
        }
        match refill.from {
            Source::Held => self.refilled_held(&refill.ident, fetched),
            Source::Spilled(upto) => self.refilled_spilled(&refill.ident, upto, fetched),
        }
    }
    fn refilled_held(&mut self, ident: &Ident, fetched: Fetched) {
        let key = self.keys.get_mut(ident).expect("a refill keeps its key");
        let joined = key.state == State::Refilling(true);
        for row in fetched.rows {
            self.window.keep(&row);
            key.push(row);
        }
        if !key.is_empty() {
            key.state = State::Idle;
            self.turns.push(key, ident.clone());
        } else if joined {
            self.start_refill(ident);
        } else {
            let slot = self.lanes.slot_mut(key.lane);
            slot.settled_after = self.flush.next();
            let lease = slot.lease().expect("the lane is open");
            self.flush.change(lease, Change::Free(ident.clone()));
            key.trouble = None;
            key.state = State::Idle;
            match key.spill {
                Some(_) => self.tend_spill(ident),
                None => drop(self.keys.remove(ident)),
            }
        }
    }

    fn refilled_spilled(&mut self, ident: &Ident, upto: Seq, fetched: Fetched) {
        let key = self.keys.get_mut(ident).expect("a key with passed rows is kept");
        let spill = key.spill.as_mut().expect("it is being read");
        spill.asked = false;
        if key.trouble.is_some() && key.state != State::Parked {
            // It failed meanwhile. Its held rows come first.
            return;
        }
        if let Some(last) = fetched.rows.last() {
            spill.after = last.seq;
        }
        if fetched.more.is_empty() {
            spill.after = spill.after.max(upto);
        }
        fetched.rows.iter().for_each(|row| self.window.keep(row));
        if let Some(trouble) = &mut key.trouble {
            trouble.known_after = self.flush.next();
            self.follow(&fetched.rows);
        } else {
            let is_first = key.is_empty() && key.state == State::Idle && !fetched.rows.is_empty();
            fetched.rows.into_iter().for_each(|row| key.push(row));
            if is_first {
                self.turns.push(key, ident.clone());
            }
        }
        self.tend_spill(ident);
    }

    /// Rows of keys in trouble leave memory and the hot index: they queue behind those that are held.
    fn follow(&mut self, rows: &[Envelope]) {
        for of_lane in rows.chunk_by(|one, other| one.lane == other.lane) {
            of_lane.iter().for_each(|row| self.flush.leave(row));
            self.change(&of_lane[0], Change::Follow(of_lane.iter().map(|row| row.seq).collect()));
        }
    }

    /// Asks for passed rows when it is time, or forgets that there were some.
    pub(super) fn tend_spill(&mut self, ident: &Ident) {
        let Some(key) = self.keys.get_mut(ident) else { return };
        let wants_refill = key.wants_refill(self.window.of_a_key());
        let Some(spill) = &mut key.spill else { return };
        if wants_refill {
            spill.asked = true;
            self.refills.push_back((ident.clone(), Want::Passed));
            return;
        }
        // A fetch that was told to leave the key's late rows out must not bring later ones as if there were none.
        let is_left_out = self.commits_late && self.fetching == Fetching::Underway;
        if spill.after < spill.upto || spill.asked || is_left_out {
            return;
        }
        key.spill = None;
        self.spilled.remove(ident);
        if key.is_empty() && key.state == State::Idle && key.trouble.is_none() {
            self.keys.remove(ident);
        }
    }
}
