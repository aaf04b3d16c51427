//! The bounded queue between the publishers and one subscription, or one queue group.
//!
//! Knows no topics: who gets a message is the router's business.
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
use std::task::Waker;

use crate::base::few::Few;
use crate::base::id::SubscriberId;
use crate::base::sync::{Mutex, MutexGuard};
use crate::mailbox::counts::Counts;
use crate::mailbox::exit::Exit;
use crate::mailbox::overflow::{CloseReason, Settings};
use crate::mailbox::spec::Spec;
use crate::mailbox::state::{Abandoned, Phase, State};
use crate::mailbox::wait::Wait;
use crate::message::batch_slice::Run;
use crate::{Message, Overflow, Pattern};

/// See the module.
#[derive(Debug)]
pub(crate) struct Mailbox {
    pub(crate) id: SubscriberId,
    pub(crate) pattern: Pattern,
    pub(crate) group: Option<Arc<str>>,
    pub(crate) name: Option<Arc<str>>,
    pub(crate) settings: Settings,
    /// Of the standard library: locked for a push, a pop or a swap, and never across an await.
    pub(super) state: Mutex<State>,
    pub(super) exit: Exit,
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
    pub(crate) fn new(id: SubscriberId, spec: &Spec) -> Arc<Self> {
        let Spec { pattern, group, name, settings } = spec.clone();
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
        state.is_open_to_all() && self.room(state, messages) >= messages
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

    /// Gives one message a place, or leaves it alone where there is none: absent, and it has no number then.
    pub(crate) fn offer_if_room(&self, message: &Run) -> Option<Offer> {
        if !message.iter().all(|message| self.settings.headers.wants(message)) {
            return Some(Offer::Gone);
        }
        let (mut state, mut wake) = (self.lock(), Few::default());
        if state.phase != Phase::Open {
            return Some(Offer::Gone);
        }
        self.admit(&mut state, &mut wake);
        let has_room = self.is_usual(&mut state, 1);
        if has_room {
            state.place(message.clone());
            state.parked.take(&mut wake);
        }
        drop(state);
        wake.wake();
        has_room.then_some(Offer::Enqueued)
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

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
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
