//! Taking lanes, losing them, and giving them back.

use tokio::time::Instant;

use super::{Core, Notice};
use crate::message::Ident;
use crate::relay::event::{Effect, Tenure};
use crate::relay::key::State;
use crate::store::{Lane, Lease, Legacy};

impl Core {
    /// The store has said what this relay holds: what is lost is dropped, what is new begins, and above its share it
    /// gives lanes back.
    pub(super) fn told(&mut self, tenure: Tenure, effects: &mut Vec<Effect>) {
        self.may_publish_until = tenure.may_publish_until;
        self.is_complete = tenure.is_complete;
        let told = self.lanes.told(&tenure.leases);
        for lease in told.lost {
            self.lose(lease.lane);
        }
        if !told.unwanted.is_empty() {
            effects.push(Effect::Close(told.unwanted));
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

    pub(super) fn opened(&mut self, now: Instant, leases: &[Lease], legacy: &Legacy) {
        let lanes: Vec<Lane> =
            leases.iter().filter(|lease| self.lanes.open(**lease)).map(|lease| lease.lane).collect();
        self.turns.inherit(&lanes, legacy, self.config.window_rows);
        for lane in &lanes {
            let slot = self.lanes.slot_mut(*lane);
            slot.is_abandoned = legacy.abandoned.contains(lane);
            slot.is_suspect = slot.is_abandoned;
        }
        if !lanes.is_empty() {
            self.due_by(now);
            let abandoned = legacy.abandoned.iter().copied().filter(|lane| lanes.contains(lane)).collect();
            self.notices.push(Notice::Taken { lanes, abandoned });
        }
    }

    /// What was remembered of the lane is void. It is given back, and taken again from its beginning.
    pub(super) fn take_again(&mut self, lease: Lease) {
        if self.lanes.is_open(lease) {
            self.lose(lease.lane);
            self.lanes.give_back(lease);
        }
    }

    /// The lane is somebody else's. What is in flight is resolved, nothing else of it is ours to decide.
    pub(super) fn lose(&mut self, lane: Lane) {
        self.lanes.lose(lane);
        self.lost.push(lane);
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
            let under_way = matches!(key.state, State::Publishing(_) | State::Burying);
            key.split_off(under_way.into()).iter().for_each(|row| window.drop_row(row));
            key.spill = None;
            matches!(key.state, State::Publishing(_))
        });
        let keys = &self.keys;
        self.turns.retain(|ident| keys.contains_key(ident));
        self.refills.retain(|ident| keys.get(ident).is_some_and(|key| key.spill.is_some()));
        self.spilled.retain(|ident| keys.get(ident).is_some_and(|key| key.spill.is_some()));
        self.burying.retain(|(_, ident)| keys.contains_key(ident));
        // Which lane's key it was for is not remembered.
        self.due_at = self.due_at.map(|_| self.now);
    }

    /// The row under way has ended, and it is not ours to say what becomes of its key.
    pub(super) fn give_up(&mut self, ident: &Ident) {
        if let Some(mut key) = self.keys.remove(ident) {
            key.split_off(0).iter().for_each(|row| self.window.drop_row(row));
        }
    }
}
