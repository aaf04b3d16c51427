//! Taking lanes, losing them, and giving them back.

use tokio::time::Instant;

use super::{Core, Fetching};
use crate::message::{Ident, Seq};
use crate::relay::event::{Effect, Tenure};
use crate::relay::key::{Key, State, Trouble};
use crate::store::{Held, Hold, Lane, Lease, Legacy};

impl Core {
    /// The store has said what this relay holds: what is lost is dropped, what is new begins, and above its share it
    /// gives lanes back.
    pub(super) fn told(&mut self, tenure: Tenure) {
        self.may_publish_until = tenure.may_publish_until;
        self.is_complete = tenure.is_complete;
        for lease in self.lanes.told(&tenure.leases) {
            self.lose(lease.lane);
        }
        if !self.stopped {
            for lane in self.lanes.close_surplus(tenure.share) {
                self.drop_queued(lane);
            }
        }
        self.is_paused = tenure.is_paused;
        self.wanted(tenure.commands);
    }

    /// Lanes that are resolved are given back, or begin again under their new lease.
    pub(super) fn advance(&mut self, effects: &mut Vec<Effect>) {
        let advance = self.lanes.advance(|flush| self.flush.is_done(flush));
        if !advance.closed.is_empty() {
            effects.push(Effect::Close(advance.closed));
        }
        if !advance.opening.is_empty() {
            effects.push(Effect::Open(advance.opening));
        }
    }

    pub(super) fn opened(&mut self, now: Instant, leases: &[Lease], held: Vec<Held>, legacy: &Legacy) {
        let opened: Vec<Lane> =
            leases.iter().filter(|lease| self.lanes.open(**lease)).map(|lease| lease.lane).collect();
        self.turns.inherit(&opened, legacy, self.config.window_rows);
        for lane in &opened {
            self.lanes.slot_mut(*lane).is_suspect = legacy.abandoned.contains(lane);
        }
        for Held { lane, ident, head, attempts, hold } in held {
            if !opened.contains(&lane) {
                continue;
            }
            let state = match hold {
                Hold::RetryIn(delay) => {
                    self.due.insert((now + delay, ident.clone()));
                    State::Waiting(now + delay)
                }
                Hold::Parked => State::Parked,
            };
            let trouble = Trouble { head, attempts, after: Seq(0), known_after: 0 };
            let mut key = Key::idle(lane);
            (key.state, key.trouble) = (state, Some(trouble));
            if legacy.abandoned.contains(&lane) {
                key.suspects = self.window.of_a_key().rows;
            }
            self.keys.insert(ident, key);
        }
    }

    /// The lane is somebody else's. What is in flight is resolved, nothing else of it is ours to decide.
    pub(super) fn lose(&mut self, lane: Lane) {
        self.lanes.lose(lane);
        self.drop_queued(lane);
        for key in self.keys.values_mut().filter(|key| key.lane == lane) {
            key.trouble = None;
        }
        // Whether they were executed is for the store to say: it tells the next owner.
        self.answered.retain(|(of, _)| *of != lane);
    }

    /// Drops the lane's rows that are not under way.
    fn drop_queued(&mut self, lane: Lane) {
        self.recall(|key| key.lane == lane);
        let window = &mut self.window;
        self.keys.retain(|_, key| {
            if key.lane != lane {
                return true;
            }
            // The room of a head that is being published or buried returns when that is done.
            let under_way = matches!(key.state, State::Publishing | State::Burying);
            key.split_off(under_way.into()).iter().for_each(|row| window.drop_row(row));
            key.spill = None;
            key.state == State::Publishing
        });
        let keys = &self.keys;
        self.turns.retain(|ident| keys.contains_key(ident));
        self.refills.retain(|(ident, _)| keys.contains_key(ident));
        self.spilled.retain(|ident| keys.get(ident).is_some_and(|key| key.spill.is_some()));
        self.due.retain(|(_, ident)| keys.contains_key(ident));
        self.burying.retain(|(_, ident)| keys.contains_key(ident));
        self.is_fed();
    }

    /// The row under way has ended, and it is not ours to say what becomes of its key.
    pub(super) fn give_up(&mut self, ident: &Ident) {
        if let Some(mut key) = self.keys.remove(ident) {
            key.split_off(0).iter().for_each(|row| self.window.drop_row(row));
        }
        self.is_fed();
    }

    /// The key is in the store's hands.
    pub(super) fn forget(&mut self, ident: &Ident) {
        let Some(key) = self.keys.remove(ident) else { return };
        if let State::Waiting(at) = key.state {
            self.due.remove(&(at, ident.clone()));
        }
    }

    /// There is room again.
    pub(super) fn is_fed(&mut self) {
        if self.fetching == Fetching::Starved {
            self.fetching = Fetching::Idle;
        }
    }
}
