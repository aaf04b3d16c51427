//! What the relay decides: which key may go, what is due, what to settle.
//!
//! Pure: no I/O, no clock, and randomness from a seed. [`Core::handle`] takes what happened and appends what to
//! do; the shell does it and reports back. Given the same inputs it decides the same, which is how it is tested.
//! `reading` brings rows in, `trouble` is about keys that failed, `owning` takes lanes and gives them up, `obeying` does
//! what operators want, `watch` is careful after a crash, and here is what happens to a row.

mod obeying;
mod owning;
mod reading;
mod trouble;
mod watch;

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::sync::Arc;

use tokio::time::Instant;

use super::breaker::Breaker;
use super::event::{Counts, Effect, Input};
use super::flush::Flush;
use super::key::{Key, State};
use super::lanes::{Lanes, Slot};
use super::notice::Notice;
use super::turns::{Outcome, Turns};
use super::window::Window;
use crate::config::{Exhausted, RelayConfig, UNKNOWN_MAX};
use crate::message::{Envelope, Ident};
use crate::operations::{Command, CommandId};
use crate::sink::SinkError;
use crate::store::{Change, Changes, Lane, Settled};
use trouble::Forgetting;

pub(super) struct Core {
    /// When the last input came.
    now: Instant,
    config: RelayConfig,
    random: fastrand::Rng,
    commits_late: bool,
    lanes: Lanes,
    /// The store has no lane left that this relay should have.
    is_complete: bool,
    window: Window,
    /// Everything that has a row in memory, has spilled, or has just got into trouble. Nothing else costs memory.
    keys: HashMap<Ident, Key>,
    turns: Turns,
    /// When to ask for keys in trouble. `None`: all others are parked, if there are any.
    due_at: Option<Instant>,
    /// Keys that wait until the store has written that they are in trouble, and when to ask for them then.
    due_after: VecDeque<(u64, Lane, Instant)>,
    /// Keys in trouble are being read.
    is_due_asked: bool,
    /// The last read was of healthy rows.
    is_due_next: bool,
    /// Keys in the store's hands that are still to be remembered here.
    forgetting: Forgetting,
    /// Keys that wait for room before their passed rows are read.
    refills: VecDeque<Ident>,
    /// Keys whose rows the cursor has passed.
    spilled: BTreeSet<Ident>,
    breaker: Breaker,
    may_publish_until: Instant,
    has_slept: bool,
    /// Rows behind the cursors are being read.
    is_fetching: bool,
    /// Reads by key that are under way.
    refilling: usize,
    /// When they were to be read last, there was no room for all lanes.
    is_full: bool,
    publishing: usize,
    flush: Flush,
    /// Keys whose head becomes a dead letter, and the flush that commits it. Nothing of them passes before.
    burying: VecDeque<(u64, Ident)>,
    /// Operators' commands for lanes that are open.
    commands: Vec<Command>,
    /// Those that have been executed, until the store does not tell them any more.
    answered: Vec<(Lane, CommandId)>,
    /// The flush that commits what a command takes away: a read before could bring it.
    executed_after: u64,
    is_paused: bool,
    stopped: bool,
    /// Lanes that the input has taken away.
    lost: Vec<Lane>,
    notices: Vec<Notice>,
    pub(super) counts: Counts,
}

impl Core {
    pub(super) fn new(config: RelayConfig, seed: u64, lanes: u16, commits_late: bool, now: Instant) -> Self {
        let window = Window::new(config.window_rows, config.window_bytes, commits_late);
        Self {
            now,
            config,
            random: fastrand::Rng::with_seed(seed),
            commits_late,
            lanes: Lanes::new(lanes),
            is_complete: false,
            window,
            keys: HashMap::new(),
            turns: Turns::default(),
            due_at: None,
            due_after: VecDeque::new(),
            is_due_asked: false,
            is_due_next: false,
            forgetting: Forgetting::default(),
            refills: VecDeque::new(),
            spilled: BTreeSet::new(),
            breaker: Breaker::default(),
            may_publish_until: now,
            has_slept: false,
            is_fetching: false,
            refilling: 0,
            is_full: false,
            publishing: 0,
            flush: Flush::default(),
            burying: VecDeque::new(),
            commands: Vec::new(),
            answered: Vec::new(),
            executed_after: 0,
            is_paused: false,
            stopped: false,
            lost: Vec::new(),
            notices: Vec::new(),
            counts: Counts::default(),
        }
    }

    /// Takes one input and appends what follows from it.
    pub(super) fn handle(&mut self, now: Instant, input: Input, effects: &mut Vec<Effect>) {
        self.now = now;
        match input {
            Input::Wake => self.lanes.wake(),
            Input::Tenure(tenure) => self.told(tenure, effects),
            Input::Opened(leases, legacy) => self.opened(now, &leases, &legacy),
            Input::Fetched(look, budget, fetched) => self.fetched(&look, budget, fetched),
            Input::Due(leases, budget, due) => self.came_due(now, &leases, budget, due),
            Input::Refilled(refill, fetched) => self.refilled(&refill, fetched),
            Input::Published(results) => {
                for (envelope, outcome) in results {
                    match outcome {
                        Ok(()) => self.published(&envelope),
                        Err(error) => self.failed(now, &envelope, error),
                    }
                }
            }
            Input::Settled(changes, settled) => self.settled(now, &changes, &settled),
            Input::Tick => {}
            Input::Stop => self.stop(),
        }
        if !self.stopped {
            self.advance(effects);
            self.obey();
            self.read(now, effects);
            self.publish(now, effects);
        }
        self.has_slept = false;
        effects.extend(self.flush.begin().map(Effect::Settle));
        if !self.lost.is_empty() {
            self.notices.push(Notice::Lost { lanes: std::mem::take(&mut self.lost) });
        }
        effects.extend(self.notices.drain(..).map(Effect::Tell));
    }

    /// When [`Input::Tick`] is wanted, if nothing else happens before.
    pub(super) fn next_due(&self, now: Instant) -> Option<Instant> {
        if self.stopped {
            return None;
        }
        let due = self.due_at.filter(|at| *at > now);
        let is_waiting = || !self.is_paused && self.turns.is_waiting(self.publishing == 0);
        // Later than that nothing may be published: the next renewal asks again.
        let is_allowed = |at: Instant| at.max(now) < self.may_publish_until;
        let breaker = self.breaker.next_probe().filter(|at| is_waiting() && is_allowed(*at));
        due.into_iter().chain(breaker).min()
    }

    /// Nothing is under way that a stop would have to wait for.
    pub(super) fn is_drained(&self) -> bool {
        self.publishing == 0 && self.flush.is_idle()
    }

    /// Everything that was committed in its lanes before the last wake is published, buried or parked, there is no
    /// other lane to take, and no operator waits.
    pub(super) fn is_empty(&self) -> bool {
        let is_read = || !self.is_fetching && self.refilling == 0 && !self.lanes.any(Slot::is_hungry);
        let only_parked = || self.keys.is_empty() && self.due_at.is_none() && !self.is_due_asked;
        let is_empty = self.is_drained()
            && self.is_complete
            && self.lanes.are_steady()
            && self.commands.is_empty()
            && is_read()
            && only_parked();
        debug_assert!(!is_empty || self.window.is_empty(), "room was not given back");
        is_empty
    }

    /// Lanes that would be read, were there room.
    pub(super) fn waiting_for_room(&self) -> Vec<Lane> {
        if self.is_full { self.lanes.hungry() } else { Vec::new() }
    }

    /// The machine stood still, and the lease did not: nothing is published until the store was asked again.
    pub(super) fn slept(&mut self) {
        self.has_slept = true;
    }

    /// An operator wants nothing to be published.
    pub(super) fn is_paused(&self) -> bool {
        self.is_paused
    }

    fn publish(&mut self, now: Instant, effects: &mut Vec<Effect>) {
        if self.is_paused || self.has_slept || now >= self.may_publish_until {
            return;
        }
        self.watch(now);
        while self.turns.is_publishable()
            && let Some(ticket) = self.breaker.start(now)
        {
            let ident = self.turns.next();
            let key = self.keys.get_mut(&ident).expect("a ready key is kept");
            key.state = State::Publishing(ticket);
            let head = Arc::clone(key.head().expect("a ready key has a row"));
            let attempt = key.attempts(head.row()) + 1;
            self.publishing += 1;
            self.lanes.slot_mut(key.lane).publishing += 1;
            effects.push(Effect::Publish(head, attempt));
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
        let ident = envelope.ident();
        self.answered();
        self.flush.delete(envelope);
        self.lanes.slot_mut(envelope.lane).settled_after = self.flush.next();
        self.head_is_done(&ident);
    }

    /// The sink has answered a publish: it is there.
    fn answered(&mut self) {
        if self.breaker.reason().is_some() {
            self.notices.push(Notice::SinkUp);
        }
        self.breaker.answered(self.config.window_rows);
    }

    /// The head has been dealt with: the next row of the key may go.
    fn head_is_done(&mut self, ident: &Ident) {
        let key = self.keys.get_mut(ident).expect("a key with a row under way is kept");
        drop(key.pop().expect("the head stays in its queue while it is under way"));
        key.state = State::Idle;
        key.suspects = key.suspects.saturating_sub(1);
        if !self.lanes.slot(key.lane).is_open() {
            self.keys.remove(ident);
        } else if !key.is_empty() {
            self.turns.push(key, ident.clone());
            self.tend_spill(ident);
        } else if key.trouble.is_some() {
            self.continue_behind(ident);
        } else if key.spill.is_some() {
            self.tend_spill(ident);
        } else {
            self.keys.remove(ident);
        }
    }

    fn failed(&mut self, now: Instant, envelope: &Arc<Envelope>, error: SinkError) {
        self.ended(envelope);
        let ident = envelope.ident();
        let key = self.keys.get(&ident).expect("a key with a row under way is kept");
        let ticket = key.ticket().expect("it is under way");
        let mut wait_max = self.config.retry.cap;
        let (error, is_permanent) = match error {
            SinkError::Closed(_) => {
                self.unwatch(envelope, Outcome::NotStarted);
                self.breaker.ended();
                self.keys.get_mut(&ident).expect("it is there").state = State::Idle;
                return self.stop();
            }
            SinkError::Unavailable(reason) => return self.refused(now, envelope, reason, Back::First),
            SinkError::TimedOut(reason) if self.breaker.is_hanging(ticket) => {
                // Its next probe is another key's: what hangs for one message may not hang for others.
                return self.refused(now, envelope, reason, Back::Last);
            }
            SinkError::TimedOut(error) => {
                wait_max = wait_max.min(UNKNOWN_MAX);
                (error, false)
            }
            SinkError::Retryable(error) => {
                self.answered();
                (error, false)
            }
            SinkError::Permanent(error) => {
                self.answered();
                (error, true)
            }
        };
        self.unwatch(envelope, Outcome::Known);
        self.counts.failed += 1;
        if self.lanes.slot(envelope.lane).lease().is_none() {
            // The new owner will meet the same error, and decide.
            return self.give_up(&ident);
        }
        let attempts = self.keys[&ident].attempts(envelope.row()) + 1;
        if is_permanent || attempts >= self.config.retry.attempts_max {
            return self.exhausted(&ident, envelope, attempts, error);
        }
        let delay = self.config.retry.delay(attempts, self.random.f64()).min(wait_max);
        self.retry(now, &ident, attempts, delay, error);
    }

    /// The sink takes nothing, or not that much: this costs no attempt.
    fn refused(&mut self, now: Instant, envelope: &Envelope, reason: String, back: Back) {
        self.unwatch(envelope, Outcome::NotStarted);
        let ident = envelope.ident();
        let was_down = self.breaker.reason().is_some();
        let random = self.random.f64();
        let key = self.keys.get_mut(&ident).expect("a key with a row under way is kept");
        let ticket = key.ticket().expect("it is under way");
        let pause = |failures| self.config.retry.pause(failures, random);
        self.breaker.refused(ticket, now, reason.clone(), pause);
        key.state = State::Idle;
        if !self.lanes.slot(key.lane).is_open() {
            self.give_up(&ident);
        } else if back == Back::First {
            self.turns.push_front(key, ident);
        } else {
            self.turns.push(key, ident);
        }
        if !was_down && self.breaker.reason().is_some() {
            self.notices.push(Notice::SinkDown { reason });
        }
    }

    /// The head has failed for good.
    fn exhausted(&mut self, ident: &Ident, head: &Envelope, attempts: u32, error: String) {
        let retry = &self.config.retry;
        match if head.key.is_some() { retry.keyed } else { retry.keyless } {
            Exhausted::Bury => self.bury(ident, head, attempts, error),
            Exhausted::Park => self.park(ident, attempts, error),
        }
    }

    fn bury(&mut self, ident: &Ident, head: &Envelope, attempts: u32, error: String) {
        self.counts.buried += 1;
        self.notices.push(Notice::Dead { row: head.row(), attempts, error: error.clone() });
        self.change(head.lane, Change::Bury { row: head.row(), attempts, error });
        self.flush.leave(head);
        let key = self.keys.get_mut(ident).expect("a key with a row under way is kept");
        key.state = State::Burying;
        self.burying.push_back((self.flush.next(), ident.clone()));
    }

    /// Writes under the lease of the lane.
    fn change(&mut self, lane: Lane, change: Change) {
        let slot = self.lanes.slot_mut(lane);
        slot.settled_after = self.flush.next();
        let lease = slot.lease().expect("only rows of our lanes are decided about");
        self.flush.change(lease, change);
    }

    fn settled(&mut self, now: Instant, changes: &Changes, settled: &Settled) {
        let room = self.flush.end();
        self.window.settled(room, changes);
        for lease in &settled.lost {
            if self.lanes.holds(*lease) {
                self.lose(lease.lane);
            }
        }
        self.turns.written(|flush| self.flush.is_done(flush));
        while let Some((_, ident)) = self.burying.pop_front_if(|(flush, _)| self.flush.is_done(*flush)) {
            self.head_is_done(&ident);
        }
        self.known(now, changes, &settled.freed);
    }
}

/// Where a key goes that the sink did not take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Back {
    First,
    Last,
}
