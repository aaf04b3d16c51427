//! Keys in trouble.
//!
//! A failure puts its key into the store's hands: its rows leave memory and the hot index, and here it is remembered only until
//! everything that could still bring its rows knows that. When it is due the store brings it back with its first held rows; when
//! they are done it continues there: free, or due again with the next ones. So memory is bounded by the window, however many keys
//! are in trouble, and what is due comes by one statement.

use std::collections::{HashSet, VecDeque};
use std::time::Duration;

use tokio::time::Instant;

use super::{Core, Effect, Notice};
use crate::message::{Envelope, Ident, RowId};
use crate::relay::key::{Key, State, Trouble};
use crate::relay::window::Room;
use crate::store::{Broken, Budget, Change, Changes, Due, DueKey, DueLook, Fenced, Held, Hold, Lane, Lease};

/// Keys in the store's hands. A fetch that began before the store knew may still bring rows of them.
#[derive(Default)]
pub(super) struct Forgetting {
    /// Until the flush of this number is committed.
    unknown: VecDeque<(u64, Ident)>,
    /// Until the fetch under way has answered.
    fetching: Vec<Ident>,
}

impl Core {
    /// Asks the store for what is due, one read at a time. Keys in trouble have at most half of the window.
    pub(super) fn ask_for_due(&mut self, now: Instant, effects: &mut Vec<Effect>) {
        let is_executed = self.flush.is_done(self.executed_after);
        if self.is_due_asked || !is_executed || self.due_at.is_none_or(|at| at > now) {
            return;
        }
        let leases = self.lanes.open_leases();
        if leases.is_empty() {
            return;
        }
        let mut present = Room::default();
        // What is only still remembered may come: nobody would ask for it again. Of the others it is known when they are due.
        let is_elsewhere = |key: &Key| match key.trouble {
            Some(trouble) => key.state != State::Held || !self.flush.is_done(trouble.known_after),
            None => false,
        };
        let except = self.keys.iter().filter(|(_, key)| is_elsewhere(key)).map(|(ident, key)| {
            present.join(key.room());
            ident.clone()
        });
        let except = except.collect();
        let Some(budget) = self.window.reserve_for_trouble(present, self.config.fetch_rows) else { return };
        let lanes = leases.iter().map(|lease| lease.lane).collect();
        let rows_each = self.window.of_a_key().rows;
        let look = DueLook { lanes, except, rows_each, wait_max: self.config.retry.cap };
        (self.is_due_asked, self.is_due_next, self.due_at) = (true, false, None);
        effects.push(Effect::Due(leases, look, budget));
    }

    pub(super) fn came_due(&mut self, now: Instant, leases: &[Lease], budget: Budget, due: Due) {
        self.is_due_asked = false;
        self.window.unreserve(budget);
        let next = if due.is_more { Some(Duration::ZERO) } else { due.next };
        if let Some(next) = next {
            self.due_by(now + next);
        }
        let is_ours = |lanes: &Self, lane: Lane| {
            leases.iter().any(|lease| lease.lane == lane && lanes.lanes.is_open(*lease))
        };
        for broken in due.broken {
            if is_ours(self, broken.lane) {
                self.bury_broken(broken);
            }
        }
        for DueKey { held, rows } in due.keys {
            if is_ours(self, held.lane) {
                self.resume(held, rows);
            }
        }
    }

    /// The first held rows of a key are in memory again.
    fn resume(&mut self, held: Held, rows: Vec<Envelope>) {
        let Held { lane, ident, head, attempts, .. } = held;
        let key = self.keys.entry(ident.clone()).or_insert_with(|| Key::held(lane));
        if key.state != State::Held {
            // It has gone on by itself since it was asked for: it is asked for again.
            return;
        }
        let known_after = key.trouble.map_or(0, |trouble| trouble.known_after);
        key.trouble = Some(Trouble { attempts: Some((head, attempts)), known_after });
        for row in rows {
            if self.lanes.slot(lane).is_abandoned && self.turns.suspect() {
                key.suspects += 1;
            }
            self.window.keep_held(&row);
            key.push(row);
        }
        if key.is_empty() {
            return self.continue_behind(&ident);
        }
        key.state = State::Idle;
        self.turns.push(key, ident);
    }

    /// What was brought of the key is done: the store knows whether more of it is held.
    pub(super) fn continue_behind(&mut self, ident: &Ident) {
        let key = self.keys.get_mut(ident).expect("a key in trouble is kept");
        let lane = key.lane;
        self.change(lane, Change::Continue(ident.clone()));
        self.hand_over(ident);
    }

    /// The key is tried again after a while.
    pub(super) fn retry(
        &mut self,
        now: Instant,
        ident: &Ident,
        attempts: u32,
        delay: Duration,
        error: String,
    ) {
        if attempts == 1 {
            let id = self.head(ident).id;
            let (ident, error) = (ident.clone(), error.clone());
            self.notices.push(Notice::Held { ident, id, retry_in: delay, error });
        }
        let lane = self.keys[ident].lane;
        self.due_after.push_back((self.flush.next(), lane, now + delay));
        self.hold(ident, attempts, Hold::RetryIn(delay), error);
    }

    /// The key waits for an operator.
    pub(super) fn park(&mut self, ident: &Ident, attempts: u32, error: String) {
        self.counts.parked += 1;
        let id = self.head(ident).id;
        let notice = Notice::Parked { ident: ident.clone(), id, attempts, error: error.clone() };
        self.notices.push(notice);
        self.hold(ident, attempts, Hold::Parked, error);
    }

    fn head(&self, ident: &Ident) -> RowId {
        let key = self.keys.get(ident).expect("a key with a row under way is kept");
        key.head().expect("the head stays in its queue while it is under way").row()
    }

    /// The key's rows leave memory.
    fn hold(&mut self, ident: &Ident, attempts: u32, hold: Hold, error: String) {
        let head = self.head(ident);
        let key = self.keys.get_mut(ident).expect("a key with a row under way is kept");
        let (lane, is_held_already) = (key.lane, key.trouble.is_some());
        let mut rows = Vec::with_capacity(key.room().rows);
        while let Some(row) = key.pop() {
            self.flush.leave(&row);
            rows.push(row.row());
        }
        if is_held_already {
            rows.clear();
        }
        let held = Held { lane, ident: ident.clone(), head, attempts, hold };
        self.change(lane, Change::Hold { held, rows, error });
        self.hand_over(ident);
    }

    /// Rows of a key in trouble that a fetch brought without knowing: they queue behind those that are held.
    pub(super) fn follow(&mut self, lane: Lane, ident: &Ident, rows: Vec<RowId>) {
        let key = self.keys.entry(ident.clone()).or_insert_with(|| Key::held(lane));
        let is_held = key.state == State::Held;
        if let Some(trouble) = &mut key.trouble {
            trouble.known_after = self.flush.next();
        }
        self.change(lane, Change::Follow { ident: ident.clone(), rows });
        if is_held {
            self.hand_over(ident);
        }
    }

    /// From now on the key is in the store's hands.
    pub(super) fn hand_over(&mut self, ident: &Ident) {
        let known_after = self.flush.next();
        let key = self.keys.get_mut(ident).expect("a key in trouble is kept");
        key.state = State::Held;
        key.trouble = Some(Trouble { attempts: None, known_after });
        if self.lanes.slot(key.lane).is_open() {
            self.forgetting.unknown.push_back((known_after, ident.clone()));
        } else {
            self.keys.remove(ident);
        }
    }

    /// A flush is committed: what it wrote about keys in trouble is known.
    pub(super) fn known(&mut self, now: Instant, changes: &Changes, freed: &[Ident]) {
        while let Some((_, lane, at)) = self.due_after.pop_front_if(|(flush, ..)| self.flush.is_done(*flush))
        {
            if self.lanes.slot(lane).is_open() {
                self.due_by(at);
            }
        }
        let continued = changes.fenced.iter().filter(|fenced| matches!(fenced.change, Change::Continue(_)));
        let makes_due =
            |Fenced { change, .. }: &Fenced| matches!(change, Change::Follow { .. } | Change::Execute(_));
        // More is held of one that continued; or a key is due because somebody said so.
        if continued.count() > freed.len() || changes.fenced.iter().any(makes_due) {
            self.due_by(now);
        }
        // Rows that follow in the same flush are held again, whichever was written first.
        let followed: HashSet<&Ident> = changes
            .fenced
            .iter()
            .filter_map(|fenced| match &fenced.change {
                Change::Follow { ident, .. } => Some(ident),
                _ => None,
            })
            .collect();
        for ident in freed.iter().filter(|ident| !followed.contains(ident)) {
            self.freed(ident);
        }
        while let Some((_, ident)) =
            self.forgetting.unknown.pop_front_if(|(flush, _)| self.flush.is_done(*flush))
        {
            self.forget(ident);
        }
    }

    /// The key is as good as any other, unless something of it was held again meanwhile.
    fn freed(&mut self, ident: &Ident) {
        self.notices.push(Notice::Freed { ident: ident.clone() });
        let Some(key) = self.keys.get_mut(ident) else { return };
        let is_known = key.trouble.is_some_and(|trouble| self.flush.is_done(trouble.known_after));
        if key.state == State::Held && is_known && key.spill.is_some() {
            (key.state, key.trouble) = (State::Idle, None);
            self.tend_spill(ident);
        }
    }

    /// Forgets a key that is in the store's hands, as soon as no fetch can bring rows of it that are older than that.
    pub(super) fn forget(&mut self, ident: Ident) {
        let Some(key) = self.keys.get(&ident) else { return };
        let is_known = key.trouble.is_some_and(|trouble| self.flush.is_done(trouble.known_after));
        if key.state != State::Held || !is_known {
            return;
        }
        if key.spill.is_some() {
            self.tend_spill(&ident);
        } else if self.is_fetching {
            self.forgetting.fetching.push(ident);
        } else {
            self.keys.remove(&ident);
        }
    }

    /// The fetch under way has answered.
    pub(super) fn forget_fetched(&mut self) {
        for ident in std::mem::take(&mut self.forgetting.fetching) {
            self.forget(ident);
        }
    }

    /// Nobody could publish it, and nobody can say whose it is.
    pub(super) fn bury_broken(&mut self, Broken { lane, row, error }: Broken) {
        self.counts.buried += 1;
        self.window.note(row);
        self.notices.push(Notice::Dead { row, attempts: 0, error: error.clone() });
        self.change(lane, Change::Bury { row, attempts: 0, error });
    }

    /// Something may be due then.
    pub(super) fn due_by(&mut self, at: Instant) {
        self.due_at = Some(self.due_at.map_or(at, |due_at| due_at.min(at)));
    }
}
