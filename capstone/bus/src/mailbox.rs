//! The bounded queue between the publishers and one subscription, or one queue group.
//!
//! Knows no topics and no other mailbox: who gets a message is the router's business.
//!
//! # Why a ring behind a mutex and not a channel?
//!
//! The publisher must be able to evict the oldest message, to leave its own message in a waiting line and to take it
//! back, and must learn which of this happened. No channel offers that. The critical sections are a push or a pop.
//!
//! # What holds whenever the lock is free
//!
//! - The ring holds at most `capacity` messages: accepted minus handed out, since nothing is taken out ahead.
//! - Somebody waits only while the ring is full. So nobody is ever passed by a later message.
//! - Numbers rise from the front of the ring to the back of the waiting line.
//!
//! Wakers are woken, and messages are dropped, after the lock is released: both run code that is not ours.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard},
    task::{Context, Poll, Waker},
};

use crate::{Delivery, Message, Overflow, Pattern, overflow::Settings, router::SubscriberId, wait::Wait};

/// See the module.
#[derive(Debug)]
pub(crate) struct Mailbox {
    pub(crate) id: SubscriberId,
    pub(crate) pattern: Pattern,
    pub(crate) group: Option<Arc<str>>,
    pub(crate) name: Option<Arc<str>>,
    pub(crate) settings: Settings,
    /// Of the standard library: locked for a push or a pop, and never across an await.
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    phase: Phase,
    /// Accepted and not yet handed out, each with the number of its offer.
    ring: VecDeque<(u64, Arc<Message>)>,
    /// Publishers that wait for a place. They own their message until the consumer moves it into the ring.
    waiters: VecDeque<Waiter>,
    /// Consumers that found the ring empty; all are woken by the next message.
    parked: Vec<(SubscriberId, Waker)>,
    /// A wait timed out, and the consumer has taken nothing since.
    stalled: bool,
    /// Messages offered so far, drops included: the number of the last offer.
    offered: u64,
    /// The number of the last message that was handed out.
    handed_out: u64,
    /// The number of the last message that came into the ring from the waiting line.
    moved: u64,
    counts: Counts,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Phase {
    #[default]
    Open,
    /// The bus is closed: takes nothing more, hands out what it has.
    Closed,
    /// Nobody is left to receive: takes nothing more, has nothing.
    Gone,
}

#[derive(Debug)]
struct Waiter {
    number: u64,
    message: Arc<Message>,
    /// Absent until the publisher's second pass polls for the first time.
    waker: Option<Waker>,
}

/// What a mailbox has counted. `depth` and `waiting` are of the moment, the others only rise.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counts {
    pub(crate) delivered: u64,
    pub(crate) dropped: u64,
    pub(crate) abandoned: u64,
    pub(crate) high_water: usize,
    pub(crate) depth: usize,
    pub(crate) waiting: usize,
}

/// Whether the publisher can wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Patience {
    Wait,
    Never,
}

/// What became of an offer.
#[derive(Debug)]
pub(crate) enum Offer {
    Enqueued,
    Dropped,
    /// The message stands in the waiting line.
    Waiting(Wait),
    /// The bus was closed or the subscription dropped after the match: as if it had never matched.
    Gone,
}

/// What became of a message in the waiting line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Waited {
    Moved,
    Dropped,
}

/// What a consumer gets.
#[derive(Debug)]
pub(crate) enum Take {
    Delivery(Delivery),
    Empty,
    Closed,
}

impl Mailbox {
    pub(crate) fn new(
        id: SubscriberId,
        pattern: Pattern,
        group: Option<Arc<str>>,
        name: Option<Arc<str>>,
        settings: Settings,
    ) -> Arc<Self> {
        Arc::new(Self { id, pattern, group, name, settings, state: Mutex::default() })
    }

    /// Gives the message a number and a place, or drops it, by this mailbox's policy. Never waits.
    pub(crate) fn offer(self: &Arc<Self>, message: &Arc<Message>, patience: Patience) -> Offer {
        let mut state = self.lock();
        if state.phase != Phase::Open {
            return Offer::Gone;
        }
        state.offered += 1;
        let number = state.offered;
        if state.ring.len() < self.settings.capacity {
            state.push(number, Arc::clone(message));
            let parked = state.unpark_all();
            drop(state);
            parked.wake();
            return Offer::Enqueued;
        }

        match self.settings.overflow {
            Overflow::Block { timeout } => {
                if patience == Patience::Never || state.stalled || timeout.is_zero() {
                    state.counts.dropped += 1;
                    return Offer::Dropped;
                }
                state.waiters.push_back(Waiter { number, message: Arc::clone(message), waker: None });
                drop(state);
                Offer::Waiting(Wait::new(Arc::clone(self), number, timeout))
            }
            Overflow::DropOldest => {
                let evicted = state.ring.pop_front();
                state.counts.dropped += 1;
                state.push(number, Arc::clone(message));
                drop(state);
                drop(evicted);
                Offer::Enqueued
            }
        }
    }

    /// Ready when the message with this number has left the waiting line.
    pub(crate) fn poll_waited(&self, number: u64, cx: &mut Context<'_>) -> Poll<Waited> {
        let mut state = self.lock();
        let Some(at) = state.position(number) else {
            return Poll::Ready(state.outcome(number));
        };
        let slot = &mut state.waiters[at].waker;
        let replaced = match slot {
            Some(waker) if waker.will_wake(cx.waker()) => None,
            slot => slot.replace(cx.waker().clone()),
        };
        drop(state);
        drop(replaced);
        Poll::Pending
    }

    /// Ends a wait whose time is over; the mailbox is stalled if the message was still waiting.
    pub(crate) fn expire(&self, number: u64) -> Waited {
        let mut state = self.lock();
        let Some(waiter) = state.leave(number) else {
            return state.outcome(number);
        };
        state.stalled = true;
        drop(state);
        drop(waiter);
        Waited::Dropped
    }

    /// Ends a wait whose publisher has gone away; without effect when it is over already.
    pub(crate) fn cancel(&self, number: u64) {
        let mut state = self.lock();
        let waiter = state.leave(number);
        drop(state);
        drop(waiter);
    }

    /// Hands out the oldest message, and lets the first in the waiting line follow.
    pub(crate) fn take(&self) -> Take {
        let mut state = self.lock();
        match state.hand_out() {
            Some(handed_out) => {
                drop(state);
                Take::Delivery(handed_out.wake())
            }
            None if state.phase == Phase::Open => Take::Empty,
            None => Take::Closed,
        }
    }

    /// Like [`take`](Self::take); when there is nothing, the next message wakes the task.
    pub(crate) fn poll_take(&self, member: SubscriberId, cx: &mut Context<'_>) -> Poll<Option<Delivery>> {
        let mut state = self.lock();
        if let Some(handed_out) = state.hand_out() {
            drop(state);
            return Poll::Ready(Some(handed_out.wake()));
        }
        if state.phase != Phase::Open {
            return Poll::Ready(None);
        }
        let replaced = state.park(member, cx.waker());
        drop(state);
        drop(replaced);
        Poll::Pending
    }

    /// Takes nothing more; what is queued, and what is in the waiting line, still arrives.
    pub(crate) fn close(&self) {
        let mut state = self.lock();
        if state.phase == Phase::Open {
            state.phase = Phase::Closed;
        }
        let parked = state.unpark_all();
        drop(state);
        parked.wake();
    }

    /// Ends the mailbox because its last receiver has gone. The caller drops what is returned without any lock.
    pub(crate) fn abandon(&self) -> (Counts, Abandoned) {
        let mut state = self.lock();
        state.phase = Phase::Gone;
        let ring = std::mem::take(&mut state.ring);
        let waiters = std::mem::take(&mut state.waiters);
        let parked = std::mem::take(&mut state.parked);
        state.counts.abandoned += ring.len() as u64;
        state.counts.dropped += waiters.len() as u64;
        (state.counts(), Abandoned { _ring: ring, waiters, _parked: parked })
    }

    /// Forgets the waker of a member that leaves its group.
    pub(crate) fn unpark(&self, member: SubscriberId) {
        let mut state = self.lock();
        let at = state.parked.iter().position(|(id, _)| *id == member);
        let removed = at.map(|at| state.parked.swap_remove(at));
        drop(state);
        drop(removed);
    }

    /// Whether the next message would wait for a place.
    pub(crate) fn lets_wait(&self) -> bool {
        let Overflow::Block { timeout } = self.settings.overflow else { return false };
        let state = self.lock();
        let full = state.ring.len() >= self.settings.capacity;
        state.phase == Phase::Open && full && !state.stalled && !timeout.is_zero()
    }

    pub(crate) fn counts(&self) -> Counts {
        self.lock().counts()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nothing that can panic runs under this lock")
    }
}

impl State {
    fn push(&mut self, number: u64, message: Arc<Message>) {
        self.ring.push_back((number, message));
        self.counts.high_water = self.counts.high_water.max(self.ring.len());
    }

    fn hand_out(&mut self) -> Option<HandedOut> {
        let (number, message) = self.ring.pop_front()?;
        let gap = number - self.handed_out - 1;
        self.handed_out = number;
        self.stalled = false;
        self.counts.delivered += 1;
        Some(HandedOut { delivery: Delivery::new(message, gap), waker: self.admit_waiter() })
    }

    /// Moves the first of the waiting line into the ring, which has a place.
    fn admit_waiter(&mut self) -> Option<Waker> {
        let waiter = self.waiters.pop_front()?;
        self.moved = waiter.number;
        self.push(waiter.number, waiter.message);
        waiter.waker
    }

    /// Takes a message out of the waiting line, unless it is not there any more.
    fn leave(&mut self, number: u64) -> Option<Waiter> {
        let waiter = self.waiters.remove(self.position(number)?)?;
        self.counts.dropped += 1;
        Some(waiter)
    }

    fn position(&self, number: u64) -> Option<usize> {
        self.waiters.binary_search_by_key(&number, |waiter| waiter.number).ok()
    }

    /// What became of a message that has left the waiting line, other than by its own publisher.
    ///
    /// They are moved in the order of their numbers, so the last number moved tells.
    fn outcome(&self, number: u64) -> Waited {
        if number <= self.moved { Waited::Moved } else { Waited::Dropped }
    }

    /// Remembers to wake this task; returns the waker that it takes the place of.
    fn park(&mut self, member: SubscriberId, waker: &Waker) -> Option<Waker> {
        match self.parked.iter_mut().find(|(id, _)| *id == member) {
            Some((_, old)) if old.will_wake(waker) => None,
            Some((_, old)) => Some(std::mem::replace(old, waker.clone())),
            None => {
                self.parked.push((member, waker.clone()));
                None
            }
        }
    }

    /// # Why wake all members of a group, and not one?
    ///
    /// The one may never come: its task may have turned to something else after it was parked, and a `Stream` has no
    /// way of saying so. The message would lie there beside idle members. Members are parked only while the group has
    /// nothing to do, so the superfluous wake-ups fall into idle time.
    fn unpark_all(&mut self) -> Parked {
        let first = self.parked.pop();
        let others = if self.parked.is_empty() { Vec::new() } else { std::mem::take(&mut self.parked) };
        Parked { first, others }
    }

    fn counts(&self) -> Counts {
        Counts { depth: self.ring.len(), waiting: self.waiters.len(), ..self.counts }
    }
}

/// A message, and the publisher whose own message took its place.
struct HandedOut {
    delivery: Delivery,
    waker: Option<Waker>,
}

impl HandedOut {
    fn wake(self) -> Delivery {
        if let Some(waker) = self.waker {
            waker.wake();
        }
        self.delivery
    }
}

/// Consumers to wake. The usual case, a single one, allocates nothing.
struct Parked {
    first: Option<(SubscriberId, Waker)>,
    others: Vec<(SubscriberId, Waker)>,
}

impl Parked {
    fn wake(self) {
        self.others.into_iter().chain(self.first).for_each(|(_, waker)| waker.wake());
    }
}

/// What was in a mailbox that ended; dropping it wakes the publishers that waited.
#[must_use = "is dropped without holding a lock"]
pub(crate) struct Abandoned {
    _ring: VecDeque<(u64, Arc<Message>)>,
    waiters: VecDeque<Waiter>,
    _parked: Vec<(SubscriberId, Waker)>,
}

impl Drop for Abandoned {
    fn drop(&mut self) {
        self.waiters.drain(..).filter_map(|waiter| waiter.waker).for_each(Waker::wake);
    }
}
