//! What the relay decides: which key may go, what is due, what to settle.
//!
//! Pure: no I/O, no clock, and randomness from a seed. [`Core::handle`] takes what happened and appends what to
//! do; the shell does it and reports back. Given the same inputs it decides the same, which is how it is tested.
//! `reading` brings rows in, `owning` takes lanes and gives them up, `obeying` does what operators want, `watch` is careful
//! after a crash, and here is what happens to a row.

mod obeying;
mod owning;
mod reading;
mod watch;

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::sync::Arc;

use tokio::time::Instant;

use super::breaker::Breaker;
use super::config::{Exhausted, RelayConfig};
use super::event::{Counts, Effect, Input};
use super::flush::Flush;
use super::key::{Key, State, Trouble};
use super::lanes::{Lanes, Slot};
use super::turns::{Outcome, Turns};
use super::window::Window;
use crate::message::{Envelope, Ident, Seq};
use crate::operations::{Command, CommandId};
use crate::sink::SinkError;
use crate::store::{Change, Changes, Held, Hold, Lane, Settled};

pub(super) struct Core {
    config: RelayConfig,
    random: fastrand::Rng,
    commits_late: bool,
    lanes: Lanes,
    /// The store has no lane left that this relay should have.
    is_complete: bool,
    window: Window,
    /// Everything that has a row in memory, is in trouble or has spilled. Nothing else costs memory.
    keys: HashMap<Ident, Key>,
    turns: Turns,
    /// Keys in trouble by the time at which they are tried again.
    due: BTreeSet<(Instant, Ident)>,
    /// Keys that wait for a flush or for room before their rows are read.
    refills: VecDeque<(Ident, Want)>,
    /// Keys whose rows the cursor has passed.
    spilled: BTreeSet<Ident>,
    breaker: Breaker,
    may_publish_until: Instant,
    fetching: Fetching,
    publishing: usize,
    flush: Flush,
    /// Keys whose head becomes a dead letter, and the flush that commits it. Nothing of them passes before.
    burying: VecDeque<(u64, Ident)>,
    /// Operators' commands for lanes that are open.
    commands: Vec<Command>,
    /// Those that have been executed, until the store does not tell them any more.
    answered: Vec<(Lane, CommandId)>,
    /// The flush that commits what a command discards: a fetch before could bring it.
    discarded_after: u64,
    is_paused: bool,
    stopped: bool,
    pub(super) counts: Counts,
}

/// Which rows of a key are to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Want {
    Held,
    Passed,
}

/// Whether hungry lanes may be asked for rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fetching {
    Idle,
    Underway,
    /// The next row does not fit: wait until a flush makes room.
    Starved,
}

impl Core {
    pub(super) fn new(config: RelayConfig, seed: u64, lanes: u16, commits_late: bool, now: Instant) -> Self {
        let window = Window::new(config.window_rows, config.window_bytes, commits_late);
        Self {
            config,
            random: fastrand::Rng::with_seed(seed),
            commits_late,
            lanes: Lanes::new(lanes),
            is_complete: false,
            window,
            keys: HashMap::new(),
            turns: Turns::default(),
            due: BTreeSet::new(),
            refills: VecDeque::new(),
            spilled: BTreeSet::new(),
            breaker: Breaker::default(),
            may_publish_until: now,
            fetching: Fetching::Idle,
            publishing: 0,
            flush: Flush::default(),
            burying: VecDeque::new(),
            commands: Vec::new(),
            answered: Vec::new(),
            discarded_after: 0,
            is_paused: false,
            stopped: false,
            counts: Counts::default(),
        }
    }

    /// Takes one input and appends what follows from it.
    pub(super) fn handle(&mut self, now: Instant, input: Input, effects: &mut Vec<Effect>) {
        match input {
            Input::Wake => self.lanes.wake(),
            Input::Tenure(tenure) => self.told(tenure),
            Input::Opened(leases, held, legacy) => self.opened(now, &leases, held, &legacy),
            Input::Fetched(look, budget, fetched) => self.fetched(&look, budget, fetched),
            Input::Refilled(refill, fetched) => self.refilled(&refill, fetched),
            Input::Published(results) => {
                for (envelope, outcome) in results {
                    match outcome {
                        Ok(()) => self.published(&envelope),
                        Err(error) => self.failed(now, &envelope, error),
                    }
                }
            }
            Input::Settled(changes, settled) => self.settled(&changes, &settled),
            Input::Tick => {}
            Input::Stop => self.stop(),
        }
        if !self.stopped {
            self.advance(effects);
            self.obey();
            self.wake_due(now);
            self.refill(effects);
            self.fetch(effects);
            self.publish(now, effects);
        }
        effects.extend(self.flush.begin().map(Effect::Settle));
    }

    /// When [`Input::Tick`] is wanted, if nothing else happens before.
    pub(super) fn next_due(&self, now: Instant) -> Option<Instant> {
        if self.stopped {
            return None;
        }
        let key = self.due.first().map(|(at, _)| *at);
        let is_waiting = || !self.is_paused && self.turns.is_waiting(self.publishing == 0);
        // Later than that nothing may be published: the next renewal asks again.
        let is_allowed = |at: Instant| at.max(now) < self.may_publish_until;
        let breaker = self.breaker.next_probe().filter(|at| is_waiting() && is_allowed(*at));
        key.into_iter().chain(breaker).min()
    }

    /// Nothing is under way that a stop would have to wait for.
    pub(super) fn is_drained(&self) -> bool {
        self.publishing == 0 && self.flush.is_idle()
    }

    /// Everything that was committed in its lanes before the last wake is published, buried or parked, there is no
    /// other lane to take, and no operator waits.
    pub(super) fn is_empty(&self) -> bool {
        let is_read = || self.fetching == Fetching::Idle && !self.lanes.any(Slot::is_hungry);
        let only_parked = || self.keys.values().all(|key| key.state == State::Parked && key.spill.is_none());
        let is_empty = self.is_drained()
            && self.is_complete
            && self.lanes.are_steady()
            && self.commands.is_empty()
            && is_read()
            && only_parked();
        debug_assert!(!is_empty || self.window.is_empty(), "room was not given back");
        is_empty
    }

    /// An operator wants nothing to be published.
    pub(super) fn is_paused(&self) -> bool {
        self.is_paused
    }

    /// The breaker's reason, while it keeps everything back.
    pub(super) fn unavailable(&self) -> Option<&str> {
        self.breaker.reason()
    }

    fn publish(&mut self, now: Instant, effects: &mut Vec<Effect>) {
        if self.is_paused || now >= self.may_publish_until {
            return;
        }
        self.watch(now);
        while self.turns.is_publishable() && self.breaker.allows(now) {
            let ident = self.turns.next();
            let key = self.keys.get_mut(&ident).expect("a ready key is kept");
            key.state = State::Publishing;
            let head = key.head().expect("a ready key has a row");
            self.publishing += 1;
            self.lanes.slot_mut(key.lane).publishing += 1;
            effects.push(Effect::Publish(Arc::clone(head)));
        }
    }

    fn ended(&mut self, envelope: &Envelope) {
        self.publishing -= 1;
        self.lanes.slot_mut(envelope.lane).publishing -= 1;
    }

    /// Nothing new starts, not even what is written down as started.
    fn stop(&mut self) {
        self.stopped = true;
        self.recall(|_| true);
    }

    fn published(&mut self, envelope: &Envelope) {
        self.ended(envelope);
        self.unwatch(envelope, Outcome::Known);
        self.counts.published += 1;
        self.breaker.answered();
        self.flush.delete(envelope);
        self.lanes.slot_mut(envelope.lane).settled_after = self.flush.next();
        self.head_is_done(&envelope.ident());
    }

    /// The head has been dealt with: the next row of the key may go.
    fn head_is_done(&mut self, ident: &Ident) {
        let key = self.keys.get_mut(ident).expect("a key with a row under way is kept");
        let head = key.pop().expect("the head stays in its queue while it is under way");
        key.state = State::Idle;
        key.suspects = key.suspects.saturating_sub(1);
        if let Some(trouble) = &mut key.trouble {
            trouble.after = head.seq;
        }
        if !self.lanes.slot(key.lane).is_open() {
            self.keys.remove(ident);
        } else if !key.is_empty() {
            self.turns.push(key, ident.clone());
            self.tend_spill(ident);
        } else if key.trouble.is_some() {
            self.start_refill(ident);
        } else if key.spill.is_some() {
            self.tend_spill(ident);
        } else {
            self.keys.remove(ident);
        }
    }

    fn failed(&mut self, now: Instant, envelope: &Arc<Envelope>, error: SinkError) {
        self.ended(envelope);
        let is_tried = !matches!(error, SinkError::Closed(_) | SinkError::Unavailable(_));
        self.unwatch(envelope, if is_tried { Outcome::Known } else { Outcome::NotStarted });
        let ident = envelope.ident();
        let key = self.keys.get_mut(&ident).expect("a key with a row under way is kept");
        let before = key.trouble.filter(|trouble| trouble.head == envelope.seq).map_or(0, |t| t.attempts);
        let attempts = before + 1;
        let (error, is_last) = match error {
            SinkError::Closed(_) => {
                key.state = State::Idle;
                return self.stop();
            }
            SinkError::Unavailable(reason) => {
                let random = self.random.f64();
                self.breaker.failed(now, reason, |failures| self.config.retry.delay(failures, random));
                key.state = State::Idle;
                if self.lanes.slot(key.lane).is_open() {
                    self.turns.push_front(key, ident);
                } else {
                    self.give_up(&ident);
                }
                return;
            }
            SinkError::Retryable(error) | SinkError::TimedOut(error) => {
                (error, attempts >= self.config.retry.attempts_max)
            }
            SinkError::Permanent(error) => (error, true),
        };
        self.breaker.answered();
        self.counts.failed += 1;
        if self.lanes.slot(envelope.lane).lease().is_none() {
            // The new owner will meet the same error, and decide.
            return self.give_up(&ident);
        }
        if is_last {
            return self.exhausted(&ident, envelope, attempts, error);
        }
        let delay = self.config.retry.delay(attempts, self.random.f64());
        self.due.insert((now + delay, ident.clone()));
        self.hold(&ident, attempts, Hold::RetryIn(delay), State::Waiting(now + delay), error);
    }

    /// The head has failed for good.
    fn exhausted(&mut self, ident: &Ident, head: &Envelope, attempts: u32, error: String) {
        let retry = &self.config.retry;
        match if head.key.is_some() { retry.keyed } else { retry.keyless } {
            Exhausted::Bury => self.bury(ident, head, attempts, error),
            Exhausted::Park => {
                self.counts.parked += 1;
                self.hold(ident, attempts, Hold::Parked, State::Parked, error);
                self.tend_spill(ident);
            }
        }
    }

    fn bury(&mut self, ident: &Ident, head: &Envelope, attempts: u32, error: String) {
        self.counts.buried += 1;
        self.change(head, Change::Bury { row: head.seq, attempts, error });
        self.flush.leave(head);
        let key = self.keys.get_mut(ident).expect("a key with a row under way is kept");
        key.state = State::Burying;
        self.burying.push_back((self.flush.next(), ident.clone()));
    }

    /// The key's rows leave memory: they are read again, in order, when it is due.
    fn hold(&mut self, ident: &Ident, attempts: u32, hold: Hold, state: State, error: String) {
        let known_after = self.flush.next();
        let key = self.keys.get_mut(ident).expect("a key with a row under way is kept");
        let head = Arc::clone(key.head().expect("the head stays in its queue while it is under way"));
        let after = key.trouble.map_or(Seq(0), |trouble| trouble.after);
        key.trouble = Some(Trouble { head: head.seq, attempts, after, known_after });
        key.state = state;
        let mut rows = Vec::with_capacity(key.room().rows);
        while let Some(row) = key.pop() {
            self.flush.leave(&row);
            rows.push(row.seq);
        }
        let held = Held { lane: head.lane, ident: ident.clone(), head: head.seq, attempts, hold };
        self.change(&head, Change::Hold { held, rows, error });
        if !self.lanes.slot(head.lane).is_open() {
            self.forget(ident);
        }
    }

    /// Writes under the lease of the row's lane.
    fn change(&mut self, row: &Envelope, change: Change) {
        let slot = self.lanes.slot_mut(row.lane);
        slot.settled_after = self.flush.next();
        let lease = slot.lease().expect("only rows of our lanes are decided about");
        self.flush.change(lease, change);
    }

    fn settled(&mut self, changes: &Changes, settled: &Settled) {
        let room = self.flush.end();
        self.window.settled(room, changes);
        self.is_fed();
        for lease in &settled.lost {
            if self.lanes.holds(*lease) {
                self.lose(lease.lane);
            }
        }
        self.turns.written(|flush| self.flush.is_done(flush));
        while let Some((_, ident)) = self.burying.pop_front_if(|(flush, _)| self.flush.is_done(*flush)) {
            self.head_is_done(&ident);
        }
    }

    fn wake_due(&mut self, now: Instant) {
        while let Some((at, _)) = self.due.first()
            && *at <= now
        {
            let (_, ident) = self.due.pop_first().expect("it is there");
            self.start_refill(&ident);
        }
    }

    fn start_refill(&mut self, ident: &Ident) {
        let key = self.keys.get_mut(ident).expect("a key in trouble is kept");
        key.state = State::Refilling(false);
        self.refills.push_back((ident.clone(), Want::Held));
    }
}
