//! What the relay decides: which key may go, what is due, what to settle.
//!
//! Pure: no I/O, no clock, and randomness from a seed. [`Core::handle`] takes what happened and appends what to
//! do; the shell does it and reports back. Given the same inputs it decides the same, which is how it is tested.

use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap, VecDeque};
use std::mem::take;
use std::sync::Arc;

use tokio::time::Instant;

use super::breaker::Breaker;
use super::config::{Exhausted, RelayConfig};
use super::event::{Counts, Effect, Input};
use super::key::{Key, State, Trouble};
use super::window::{Room, Window};
use crate::message::{Envelope, Ident, Seq};
use crate::sink::SinkError;
use crate::store::{Budget, Change, Changes, Fenced, Fetched, Held, Hold, Lease};

pub(super) struct Core {
    config: RelayConfig,
    lease: Lease,
    random: fastrand::Rng,
    window: Window,
    /// Everything that has a row in memory or is in trouble. Nothing else costs memory.
    keys: HashMap<Ident, Key>,
    /// Keys whose head may be published, first come, first served.
    ready: VecDeque<Ident>,
    /// Keys in trouble by the time at which they are tried again.
    due: BTreeSet<(Instant, Ident)>,
    /// Troubled keys that wait for a flush or for room before their held rows are read.
    refills: VecDeque<Ident>,
    breaker: Breaker,
    may_publish_until: Instant,
    cursor: Seq,
    fetching: Fetching,
    publishing: usize,
    /// Decided, and not yet handed to the store.
    changes: Changes,
    /// What returns to the window when the flush under way is committed.
    settling: Option<Room>,
    /// The same for `changes`.
    releasing: Room,
    /// Keys whose head becomes a dead letter, and the flush that commits it. Nothing of them passes before.
    burying: VecDeque<(u64, Ident)>,
    /// Flushes handed to the store, and those of them that are committed.
    flushes_begun: u64,
    flushes_done: u64,
    stopped: bool,
    pub(super) counts: Counts,
}

/// Whether to look for rows behind the cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fetching {
    /// Nothing was there at the last look.
    Satisfied,
    /// There may be rows.
    Hungry,
    /// A fetch is under way; `true`: something was committed since it began.
    Underway(bool),
    /// The next row does not fit: wait until a flush makes room.
    Starved,
}

impl Core {
    /// `held` is everything that the store says is in trouble.
    pub(super) fn new(config: RelayConfig, seed: u64, lease: Lease, held: Vec<Held>, now: Instant) -> Self {
        let window = Window::new(config.window_rows, config.window_bytes);
        let mut core = Self {
            config,
            lease,
            random: fastrand::Rng::with_seed(seed),
            window,
            keys: HashMap::new(),
            ready: VecDeque::new(),
            due: BTreeSet::new(),
            refills: VecDeque::new(),
            breaker: Breaker::default(),
            may_publish_until: now,
            cursor: Seq(0),
            fetching: Fetching::Hungry,
            publishing: 0,
            changes: Changes::default(),
            settling: None,
            releasing: Room::default(),
            burying: VecDeque::new(),
            flushes_begun: 0,
            flushes_done: 0,
            stopped: false,
            counts: Counts::default(),
        };
        for Held { ident, head, attempts, hold, .. } in held {
            let state = match hold {
                Hold::RetryIn(delay) => {
                    core.due.insert((now + delay, ident.clone()));
                    State::Waiting(now + delay)
                }
                Hold::Parked => State::Parked,
            };
            let trouble = Trouble { head, attempts, after: Seq(0), known_after: 0 };
            core.keys.insert(ident, Key { state, trouble: Some(trouble), ..Key::idle() });
        }
        core
    }

    /// Takes one input and appends what follows from it.
    pub(super) fn handle(&mut self, now: Instant, input: Input, effects: &mut Vec<Effect>) {
        match input {
            Input::Wake => self.wake(),
            Input::Fetched(budget, fetched) => self.fetched(budget, fetched),
            Input::FetchedHeld(ident, budget, fetched) => self.fetched_held(&ident, budget, fetched),
            Input::Published(envelope, Ok(())) => self.published(&envelope),
            Input::Published(envelope, Err(error)) => self.failed(now, &envelope, error),
            Input::Settled => self.settled(),
            Input::MayPublishUntil(until) => self.may_publish_until = until,
            Input::Tick => {}
            Input::Stop => self.stopped = true,
        }
        if !self.stopped {
            self.wake_due(now);
            self.refill(effects);
            self.fetch(effects);
            self.publish(now, effects);
        }
        self.settle(effects);
    }

    /// When [`Input::Tick`] is wanted, if nothing else happens before.
    pub(super) fn next_due(&self) -> Option<Instant> {
        if self.stopped {
            return None;
        }
        let key = self.due.first().map(|(at, _)| *at);
        let breaker = self.breaker.next_probe().filter(|_| !self.ready.is_empty());
        key.into_iter().chain(breaker).min()
    }

    /// Nothing is under way that a stop would have to wait for.
    pub(super) fn is_drained(&self) -> bool {
        self.publishing == 0 && self.settling.is_none() && self.changes.is_empty()
    }

    /// Everything that was committed before the last wake is published, buried or parked.
    pub(super) fn is_empty(&self) -> bool {
        let only_parked = || self.keys.values().all(|key| key.state == State::Parked);
        self.is_drained() && self.fetching == Fetching::Satisfied && only_parked()
    }

    /// The breaker's reason, while it keeps everything back.
    pub(super) fn unavailable(&self) -> Option<&str> {
        self.breaker.reason()
    }

    fn wake(&mut self) {
        self.fetching = match self.fetching {
            Fetching::Satisfied => Fetching::Hungry,
            Fetching::Underway(_) => Fetching::Underway(true),
            other => other,
        };
    }

    fn fetched(&mut self, budget: Budget, fetched: Fetched) {
        let committed_since = self.fetching == Fetching::Underway(true);
        self.fetching = match (!fetched.more.is_empty(), fetched.rows.is_empty()) {
            (true, true) => Fetching::Starved,
            (false, _) if !committed_since => Fetching::Satisfied,
            _ => Fetching::Hungry,
        };
        self.window.arrived(budget, &fetched.rows);
        let mut followers = Vec::new();
        for envelope in fetched.rows {
            self.cursor = self.cursor.max(envelope.seq);
            let ident = envelope.ident();
            let key = match self.keys.entry(ident.clone()) {
                Entry::Occupied(key) => key.into_mut(),
                Entry::Vacant(vacant) => vacant.insert(Key::idle()),
            };
            if let Some(trouble) = &mut key.trouble {
                // Earlier rows of it are held in the store: this one must queue behind them, there.
                followers.push(envelope.seq);
                self.releasing.add(&envelope);
                trouble.known_after = self.flushes_begun + 1;
                if let State::Refilling(joined) = &mut key.state {
                    *joined = true;
                }
                continue;
            }
            if key.queue.is_empty() && key.state == State::Idle {
                self.ready.push_back(ident);
            }
            key.queue.push_back(Arc::new(envelope));
        }
        if !followers.is_empty() {
            self.change(Change::Follow(followers));
        }
    }

    fn fetched_held(&mut self, ident: &Ident, budget: Budget, fetched: Fetched) {
        self.window.arrived(budget, &fetched.rows);
        let key = self.keys.get_mut(ident).expect("a refill keeps its key");
        let joined = key.state == State::Refilling(true);
        key.queue.extend(fetched.rows.into_iter().map(Arc::new));
        if !key.queue.is_empty() {
            key.state = State::Idle;
            self.ready.push_back(ident.clone());
        } else if joined {
            self.start_refill(ident);
        } else {
            self.change(Change::Free(ident.clone()));
            self.keys.remove(ident);
        }
    }

    fn published(&mut self, envelope: &Arc<Envelope>) {
        self.publishing -= 1;
        self.counts.published += 1;
        self.breaker.answered();
        self.changes.published.push(envelope.seq);
        self.releasing.add(envelope);
        self.head_is_done(&envelope.ident());
    }

    /// The head has been dealt with: the next row of the key may go.
    fn head_is_done(&mut self, ident: &Ident) {
        let key = self.keys.get_mut(ident).expect("a key with a row under way is kept");
        let head = key.queue.pop_front().expect("the head stays in its queue while it is under way");
        key.state = State::Idle;
        if let Some(trouble) = &mut key.trouble {
            trouble.after = head.seq;
        }
        if !key.queue.is_empty() {
            self.ready.push_back(ident.clone());
        } else if key.trouble.is_some() {
            self.start_refill(ident);
        } else {
            self.keys.remove(ident);
        }
    }

    fn failed(&mut self, now: Instant, envelope: &Arc<Envelope>, error: SinkError) {
        self.publishing -= 1;
        let ident = envelope.ident();
        let key = self.keys.get_mut(&ident).expect("a key with a row under way is kept");
        let before = key.trouble.filter(|trouble| trouble.head == envelope.seq).map_or(0, |t| t.attempts);
        let attempts = before + 1;
        let (error, is_last) = match error {
            SinkError::Closed(_) => {
                key.state = State::Idle;
                self.stopped = true;
                return;
            }
            SinkError::Unavailable(reason) => {
                let random = self.random.f64();
                self.breaker.failed(now, reason, |failures| self.config.retry.delay(failures, random));
                key.state = State::Idle;
                self.ready.push_front(ident);
                return;
            }
            SinkError::Retryable(error) => (error, attempts >= self.config.retry.attempts_max),
            SinkError::Permanent(error) => (error, true),
        };
        self.breaker.answered();
        self.counts.failed += 1;
        let retry = &self.config.retry;
        let policy = if envelope.key.is_some() { retry.keyed } else { retry.keyless };
        match (is_last, policy) {
            (true, Exhausted::Bury) => self.bury(&ident, envelope, attempts, error),
            (true, Exhausted::Park) => {
                self.counts.parked += 1;
                self.hold(&ident, attempts, Hold::Parked, State::Parked, error);
            }
            (false, _) => {
                let delay = retry.delay(attempts, self.random.f64());
                self.due.insert((now + delay, ident.clone()));
                self.hold(&ident, attempts, Hold::RetryIn(delay), State::Waiting(now + delay), error);
            }
        }
    }

    fn bury(&mut self, ident: &Ident, head: &Envelope, attempts: u32, error: String) {
        self.counts.buried += 1;
        self.change(Change::Bury { row: head.seq, attempts, error });
        self.releasing.add(head);
        let key = self.keys.get_mut(ident).expect("a key with a row under way is kept");
        key.state = State::Burying;
        self.burying.push_back((self.flushes_begun + 1, ident.clone()));
    }

    /// The key's rows leave memory: they are read again, in order, when it is due.
    fn hold(&mut self, ident: &Ident, attempts: u32, hold: Hold, state: State, error: String) {
        let known_after = self.flushes_begun + 1;
        let key = self.keys.get_mut(ident).expect("a key with a row under way is kept");
        let queue = take(&mut key.queue);
        let head = queue.front().expect("the head stays in its queue while it is under way").seq;
        let after = key.trouble.map_or(Seq(0), |trouble| trouble.after);
        key.trouble = Some(Trouble { head, attempts, after, known_after });
        key.state = state;
        queue.iter().for_each(|envelope| self.releasing.add(envelope));
        let rows = queue.iter().map(|envelope| envelope.seq).collect();
        let held = Held { lane: self.lease.lane, ident: ident.clone(), head, attempts, hold };
        self.change(Change::Hold { held, rows, error });
    }

    fn change(&mut self, change: Change) {
        self.changes.fenced.push(Fenced { lease: self.lease, change });
    }

    fn settled(&mut self) {
        self.flushes_done += 1;
        let room = self.settling.take().expect("a settled flush was begun");
        self.window.release(room);
        if self.fetching == Fetching::Starved {
            self.fetching = Fetching::Hungry;
        }
        while let Some((_, ident)) = self.burying.pop_front_if(|(flush, _)| *flush <= self.flushes_done) {
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
        self.refills.push_back(ident.clone());
    }

    /// Reads held rows of keys that are due, once the store knows what has been decided about them.
    fn refill(&mut self, effects: &mut Vec<Effect>) {
        for _ in 0..self.refills.len() {
            let Some(ident) = self.refills.pop_front() else { break };
            let key = self.keys.get_mut(&ident).expect("a refill keeps its key");
            let trouble = key.trouble.expect("only keys in trouble are refilled");
            let is_known = trouble.known_after <= self.flushes_done;
            match is_known.then(|| self.window.reserve_eighth()).flatten() {
                Some(budget) => {
                    key.state = State::Refilling(false);
                    effects.push(Effect::FetchHeld { ident, after: trouble.after, budget });
                }
                None => self.refills.push_back(ident),
            }
        }
    }

    fn fetch(&mut self, effects: &mut Vec<Effect>) {
        if self.fetching != Fetching::Hungry {
            return;
        }
        if let Some(budget) = self.window.reserve_quarter(self.config.fetch_rows) {
            self.fetching = Fetching::Underway(false);
            effects.push(Effect::Fetch { after: self.cursor, budget });
        }
    }

    fn publish(&mut self, now: Instant, effects: &mut Vec<Effect>) {
        while now < self.may_publish_until && !self.ready.is_empty() && self.breaker.allows(now) {
            let ident = self.ready.pop_front().expect("it is not empty");
            let key = self.keys.get_mut(&ident).expect("a ready key is kept");
            key.state = State::Publishing;
            let head = key.queue.front().expect("a ready key has a row");
            self.publishing += 1;
            effects.push(Effect::Publish(Arc::clone(head)));
        }
    }

    /// One flush at a time: what is decided while it runs goes into the next.
    fn settle(&mut self, effects: &mut Vec<Effect>) {
        if self.settling.is_none() && !self.changes.is_empty() {
            self.settling = Some(take(&mut self.releasing));
            self.flushes_begun += 1;
            effects.push(Effect::Settle(take(&mut self.changes)));
        }
    }
}
