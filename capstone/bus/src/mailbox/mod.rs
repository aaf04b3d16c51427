//! The bounded queue between the publishers and one subscription, or one queue group.
//!
//! Knows no topics and no other mailbox: who gets a message is the router's business.
//!
//! # Why a ring behind a mutex and not a channel?
//!
//! The publisher must be able to evict the oldest message, to leave its own message in a waiting line and to take it
//! back, and must learn which of this happened. No channel offers that. The critical sections are a push or a swap.
//!
//! # What holds whenever the lock is free
//!
//! - Accepted minus handed out is at most `capacity`, also when the consumer has taken the whole ring out.
//! - Somebody waits only if there was no room when the lock was last taken. Whoever takes it lets the line in first, so
//!   nobody is ever passed by a later message.
//! - Numbers rise from what the consumer has taken out, over the ring, to the back of the waiting line.
//!
//! Wakers are woken, and messages are dropped, after the lock is released: both run code that is not ours.

use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::task::{Context, Poll, Waker};

use crate::few::Few;
use crate::mailbox::exit::Exit;
use crate::mailbox::state::{Phase, State};
use crate::overflow::{CloseReason, Settings};
use crate::router::SubscriberId;
use crate::run::Run;
use crate::sync::{Mutex, MutexGuard};
use crate::wait::Wait;
use crate::{Message, Overflow, Pattern};

mod consumer;
mod counts;
mod entry;
mod exit;
mod keyed;
mod line;
mod parked;
mod state;

pub(crate) use consumer::Consumer;
pub(crate) use counts::Counts;
pub(crate) use entry::Entry;
pub(crate) use keyed::InFlight;
pub(crate) use line::{Span, Waited};
pub(crate) use state::Abandoned;

/// See the module.
#[derive(Debug)]
pub(crate) struct Mailbox {
    pub(crate) id: SubscriberId,
    pub(crate) pattern: Pattern,
    pub(crate) group: Option<Arc<str>>,
    pub(crate) name: Option<Arc<str>>,
    pub(crate) settings: Settings,
    /// Of the standard library: locked for a push, a pop or a swap, and never across an await.
    state: Mutex<State>,
    exit: Exit,
}

/// Whether the publisher can wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Patience {
    Wait,
    Never,
}

/// What became of an offer of one or more messages.
#[derive(Debug)]
pub(crate) enum Offer {
    /// All of them.
    Enqueued,
    /// The first `enqueued` have a place, the others have not.
    Dropped { enqueued: usize, dropped: usize },
    /// As before, and the mailbox has ended because of it: it is to be taken out of the table.
    Disconnected { enqueued: usize, dropped: usize },
    /// The first `enqueued` have a place, the others stand in the waiting line.
    Waiting { enqueued: usize, wait: Wait },
    /// The bus was closed or the subscription dropped after the match: as if it had never matched.
    Gone,
}

/// What is left to do when the lock is released: to wake somebody, and to drop what had to make room.
#[derive(Default)]
struct After {
    wake: Few<Waker>,
    evicted: Few<Run>,
}

/// What a consumer finds.
#[derive(Debug)]
pub(crate) enum Take<T> {
    Taken(T),
    Empty,
    Closed,
}

impl<T> Take<T> {
    pub(crate) fn map<U>(self, as_taken: impl FnOnce(T) -> U) -> Take<U> {
        match self {
            Self::Taken(taken) => Take::Taken(as_taken(taken)),
            Self::Empty => Take::Empty,
            Self::Closed => Take::Closed,
        }
    }
}

impl Mailbox {
    pub(crate) fn new(
        id: SubscriberId,
        pattern: Pattern,
        group: Option<Arc<str>>,
        name: Option<Arc<str>>,
        settings: Settings,
    ) -> Arc<Self> {
        let (state, exit) = (Mutex::new(State::new(&settings)), Exit::default());
        Arc::new(Self { id, pattern, group, name, settings, state, exit })
    }

    /// The usual case of an [`offer`](Self::offer): no message waits, and there is room. Gives the message back where it
    /// is another.
    #[inline]
    pub(crate) fn place(&self, message: Arc<Message>) -> Result<(), Arc<Message>> {
        let mut state = self.lock();
        if self.settings.headers.is_selective() || !self.is_usual(&mut state, 1) {
            return Err(message);
        }
        state.place(Run::One(message));
        wake_parked(state);
        Ok(())
    }

    #[inline]
    fn is_usual(&self, state: &mut State, messages: usize) -> bool {
        state.phase == Phase::Open && state.line.is_empty() && self.room(state, messages) >= messages
    }

    /// Gives each message a number and a place, or drops it, by this mailbox's policy. Never waits. Where headers are
    /// filtered, messages are offered one by one.
    #[inline]
    pub(crate) fn offer(self: &Arc<Self>, messages: &Run, patience: Patience) -> Offer {
        let headers = &self.settings.headers;
        debug_assert!(messages.len() == 1 || !headers.is_selective(), "each for itself");
        if headers.is_selective() && !messages.iter().all(|message| headers.wants(message)) {
            return Offer::Gone;
        }
        let mut state = self.lock();
        if self.is_usual(&mut state, messages.len()) {
            state.place(messages.clone());
            wake_parked(state);
            return Offer::Enqueued;
        }
        self.offer_at_length(state, messages, patience)
    }

    /// The same where messages wait, or where there is no room for all.
    fn offer_at_length(
        self: &Arc<Self>,
        mut state: MutexGuard<'_, State>,
        messages: &Run,
        patience: Patience,
    ) -> Offer {
        if state.phase != Phase::Open {
            return Offer::Gone;
        }
        let mut after = After::default();
        self.admit(&mut state, &mut after.wake);
        let room = if state.line.is_empty() { self.room(&mut state, messages.len()) } else { 0 };
        let (placed, rest) = messages.clone().split_at(room);
        let enqueued = placed.as_ref().map_or(0, |placed| placed.len());
        placed.into_iter().for_each(|placed| state.place(placed));
        let offer = match rest {
            None => Offer::Enqueued,
            Some(rest) => self.overflow(&mut state, enqueued, rest, patience, &mut after),
        };
        state.parked.take(&mut after.wake);
        drop(state);
        after.wake.wake();
        offer
    }

    /// What happens to messages for which there is no room.
    fn overflow(
        self: &Arc<Self>,
        state: &mut State,
        placed: usize,
        rest: Run,
        patience: Patience,
        after: &mut After,
    ) -> Offer {
        let dropped = Offer::Dropped { enqueued: placed, dropped: rest.len() };
        match self.settings.overflow {
            Overflow::Block { timeout } => {
                if patience == Patience::Never || timeout.is_zero() || state.is_stalled() {
                    state.drop_offered(rest.len());
                    return dropped;
                }
                let (span, moved) = self.line_up(state, rest, &mut after.wake);
                if span.is_empty() {
                    return Offer::Enqueued;
                }
                let wait = Wait::new(Arc::clone(self), span, timeout);
                Offer::Waiting { enqueued: placed + moved, wait }
            }
            Overflow::DropOldest => {
                rest.singles().for_each(|message| after.evicted.push(state.evict_for(message)));
                Offer::Enqueued
            }
            Overflow::DropNewest => {
                state.drop_offered(rest.len());
                dropped
            }
            Overflow::Disconnect => {
                state.drop_offered(rest.len());
                state.phase = Phase::Slow;
                Offer::Disconnected { enqueued: placed, dropped: rest.len() }
            }
        }
    }

    /// Puts messages into the waiting line, and moves on what has room because the consumer took some at this very
    /// moment. Returns those that wait, and how many do not.
    fn line_up(&self, state: &mut State, rest: Run, wake: &mut Few<Waker>) -> (Span, usize) {
        let span = state.line_up(rest);
        self.admit(state, wake);
        let moved = state.moved_of(span);
        (span.skip(moved), moved)
    }

    /// Ready when the first of these messages has left the waiting line: with those that are still there.
    pub(crate) fn poll_waited(&self, span: Span, cx: &mut Context<'_>) -> Poll<Span> {
        let (mut state, mut wake) = (self.lock(), Few::default());
        self.admit(&mut state, &mut wake);
        let (polled, replaced) = state.line.poll(span, cx);
        drop(state);
        wake.wake();
        drop(replaced);
        polled
    }

    /// Whether so many messages would have to wait for a place.
    pub(crate) fn lets_wait(&self, messages: usize) -> bool {
        let Overflow::Block { timeout } = self.settings.overflow else { return false };
        let mut state = self.lock();
        let full = self.room(&mut state, messages) < messages || !state.line.is_empty();
        state.phase == Phase::Open && full && !state.is_stalled() && !timeout.is_zero()
    }

    /// How many of these messages have come from the waiting line into the ring.
    pub(crate) fn waited(&self, span: Span) -> Waited {
        let enqueued = self.lock().moved_of(span);
        Waited { enqueued, dropped: span.len() - enqueued }
    }

    /// Ends a wait whose time is over; the mailbox is stalled if a message was still waiting.
    pub(crate) fn expire(&self, span: Span) {
        self.give_up(span, State::stall);
    }

    /// Ends a wait whose publisher has gone away; without effect when it is over already.
    pub(crate) fn cancel(&self, span: Span) {
        self.give_up(span, |_| {});
    }

    fn give_up(&self, span: Span, and: impl FnOnce(&mut State)) {
        let (mut state, mut wake) = (self.lock(), Few::default());
        self.admit(&mut state, &mut wake);
        let left = state.line.leave(span);
        if !left.is_empty() {
            state.dropped += line::count(&left) as u64;
            and(&mut state);
        }
        drop(state);
        wake.wake();
        drop(left);
    }

    /// Takes nothing more; what is queued, and what is in the waiting line, still arrives.
    pub(crate) fn close(&self) {
        let (mut state, mut wake) = (self.lock(), Few::default());
        if state.phase == Phase::Open {
            state.phase = Phase::Closed;
        }
        state.parked.take(&mut wake);
        drop(state);
        wake.wake();
    }

    /// Why it takes nothing more; absent while it does.
    pub(crate) fn close_reason(&self) -> Option<CloseReason> {
        let state = self.lock();
        match state.phase {
            Phase::Open => None,
            Phase::Slow => Some(CloseReason::Slow { lost: state.dropped }),
            Phase::Closed | Phase::Gone => Some(CloseReason::Closed),
        }
    }

    /// Ends the mailbox because its last receiver has gone. The caller drops what is returned without any lock.
    pub(crate) fn abandon(&self) -> (Counts, Abandoned) {
        let mut state = self.lock();
        state.seen = self.exit.handed_out.load(SeqCst);
        let abandoned = state.abandon();
        (self.counts_of(&mut state), abandoned)
    }

    /// Forgets the waker of a member that leaves its group.
    pub(crate) fn leave(&self, member: SubscriberId) {
        let removed = self.lock().parked.remove(member);
        drop(removed);
    }

    pub(crate) fn counts(&self) -> Counts {
        self.counts_of(&mut self.lock())
    }

    fn counts_of(&self, state: &mut State) -> Counts {
        // In this order, because a message is handed out before it is filtered.
        let filtered = self.exit.filtered.load(SeqCst);
        state.seen = self.exit.handed_out.load(SeqCst);
        state.counts(filtered)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nothing that can panic runs under this lock")
    }
}

/// Lets go of the lock, and wakes whoever had found nothing.
#[inline]
fn wake_parked(mut state: MutexGuard<'_, State>) {
    if state.parked.is_empty() {
        return;
    }
    let mut wake = Few::default();
    state.parked.take(&mut wake);
    drop(state);
    wake.wake();
}
