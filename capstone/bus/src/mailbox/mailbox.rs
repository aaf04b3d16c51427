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

use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::task::Waker;
use std::time::Duration;

use crate::base::few::Few;
use crate::base::id::SubscriberId;
use crate::base::lock::lock_soon;
use crate::base::sync::{Mutex, MutexGuard};
use crate::mailbox::counts::Counts;
use crate::mailbox::exit::Exit;
use crate::mailbox::line::Span;
use crate::mailbox::log::{Evicted, Log};
use crate::mailbox::node::{At, Stored};
use crate::mailbox::overflow::{CloseReason, Settings};
use crate::mailbox::spec::Spec;
use crate::mailbox::state::{Left, Phase, State};
use crate::mailbox::trail::Trail;
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
    /// One consumer takes all there is at once: nobody else has a say in which message is next.
    pub(super) has_one_consumer: bool,
    /// Of the standard library: locked for a push, a pop or a swap, and never across an await.
    inside: Mutex<Inside>,
    pub(super) exit: Exit,
}

/// What a mailbox keeps under its lock.
#[derive(Debug)]
pub(super) struct Inside {
    pub(super) state: State,
    /// Behind all that is in the state: what is published in a log.
    pub(super) follow: Option<Follow>,
    /// Who offered last, and how often in a row: whether following is worth it.
    pub(super) source: usize,
    pub(super) streak: u32,
}

#[derive(Debug)]
pub(super) struct Follow {
    pub(super) log: Arc<Log>,
    /// Which member of the log this is.
    pub(super) index: usize,
    /// The position of the first message that is not yet counted as accepted.
    pub(super) at: u64,
    /// From there on; absent when the consumer goes along it by itself. Kept here it would keep all that follows.
    pub(super) trail: Option<Trail>,
}

impl Follow {
    /// Messages that are published, and not yet counted as accepted.
    pub(super) fn ahead(&self) -> u64 {
        self.log.published() - self.at
    }
}

impl Inside {
    /// Whether a consumer that has taken everything out must wait for what comes.
    pub(super) fn has_nothing(&self) -> bool {
        self.state.has_nothing() && self.follow.is_none()
    }

    /// What a consumer finds that finds nothing.
    pub(super) fn nothing<T>(&self) -> Take<T> {
        if self.phase == Phase::Open { Take::Empty } else { Take::Closed }
    }
}

/// Nearly everything is about what is in the mailbox itself.
impl Deref for Inside {
    type Target = State;

    fn deref(&self) -> &State {
        &self.state
    }
}

impl DerefMut for Inside {
    fn deref_mut(&mut self) -> &mut State {
        &mut self.state
    }
}

/// What is offered.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Letter<'a> {
    Run(&'a Run),
    /// A message that lies in a log.
    At(&'a At),
}

impl Letter<'_> {
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Run(run) => run.len(),
            Self::At(_) => 1,
        }
    }

    /// To lie elsewhere.
    fn to_run(self) -> Run {
        match self {
            Self::Run(run) => run.clone(),
            Self::At(At { stored: Stored::Lone(message), .. }) => Run::One(Arc::clone(message)),
            Self::At(at) => Run::one(at.message().clone()),
        }
    }
}

/// Of whoever publishes without a log.
pub(crate) const NO_SOURCE: usize = 0;

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
    Waiting { enqueued: usize, span: Span, timeout: Duration },
    /// The bus was closed or the subscription dropped after the match: as if it had never matched.
    Gone,
}

/// What is left to do when the lock is released: to wake somebody, and to drop what had to make room.
#[derive(Debug, Default)]
pub(super) struct After {
    pub(super) wake: Few<Waker>,
    pub(super) evicted: Evicted,
}

impl After {
    pub(super) fn now(mut self) {
        self.evicted.now();
        self.wake.wake();
    }
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
        let state = State::new(&settings);
        let inside = Mutex::new(Inside { state, follow: None, source: NO_SOURCE, streak: 0 });
        let evicts = settings.overflow == Overflow::DropOldest;
        let has_one_consumer = group.is_none() && settings.keyed_by.is_none() && !evicts;
        Arc::new(Self { id, pattern, group, name, settings, has_one_consumer, inside, exit: Exit::default() })
    }

    /// The usual case of an [`offer`](Self::offer): no message waits, and there is room. Absent where it is another.
    #[inline(always)]
    pub(crate) fn place(&self) -> Option<Place<'_>> {
        let mut inside = self.lock();
        self.is_usual(&mut inside, 1).then_some(Place { mailbox: self, inside })
    }

    /// Whether it wants only messages with certain headers.
    #[inline(always)]
    pub(crate) fn is_selective(&self) -> bool {
        self.settings.headers.is_selective()
    }

    #[inline(always)]
    fn is_usual(&self, inside: &mut Inside, messages: usize) -> bool {
        inside.is_open_to_all() && inside.follow.is_none() && self.room(inside, messages) >= messages
    }

    /// Gives each message a number and a place, or drops it, by this mailbox's policy. Never waits. Where headers are
    /// filtered, messages are offered one by one.
    #[inline]
    pub(crate) fn offer(&self, letter: Letter<'_>, source: usize, patience: Patience) -> Offer {
        if self.is_selective()
            && let Letter::Run(messages) = letter
        {
            debug_assert!(messages.len() == 1, "each for itself");
            if !messages.iter().all(|message| self.settings.headers.wants(message)) {
                return Offer::Gone;
            }
        }
        let mut inside = self.lock_unfollowed();
        inside.streak = if inside.source == source { inside.streak.saturating_add(1) } else { 1 };
        inside.source = source;
        if self.is_usual(&mut inside, letter.len()) {
            match letter {
                Letter::Run(messages) => inside.place(messages.clone()),
                Letter::At(at) => inside.place_at(at),
            }
            wake_parked(inside);
            return Offer::Enqueued;
        }
        self.offer_at_length(inside, letter, patience)
    }

    /// Gives one message a place, or leaves it alone where there is none: absent, and it has no number then.
    pub(crate) fn offer_if_room(&self, message: &Run) -> Option<Offer> {
        if !message.iter().all(|message| self.settings.headers.wants(message)) {
            return Some(Offer::Gone);
        }
        let (mut inside, mut wake) = (self.lock(), Few::default());
        if inside.phase != Phase::Open {
            return Some(Offer::Gone);
        }
        self.admit(&mut inside, &mut wake);
        let has_room = self.is_usual(&mut inside, 1);
        if has_room {
            inside.place(message.clone());
            inside.parked.take(&mut wake);
        }
        drop(inside);
        wake.wake();
        has_room.then_some(Offer::Enqueued)
    }

    /// The same where messages wait, or where there is no room for all.
    fn offer_at_length(
        &self,
        mut inside: MutexGuard<'_, Inside>,
        letter: Letter<'_>,
        patience: Patience,
    ) -> Offer {
        if inside.phase != Phase::Open {
            return Offer::Gone;
        }
        let mut after = After::default();
        self.admit(&mut inside, &mut after.wake);
        let room = if inside.line.is_empty() { self.room(&mut inside, letter.len()) } else { 0 };
        let (placed, rest) = letter.to_run().split_at(room);
        let enqueued = placed.as_ref().map_or(0, |placed| placed.len());
        placed.into_iter().for_each(|placed| inside.place(placed));
        let offer = match rest {
            None => Offer::Enqueued,
            Some(rest) => self.overflow(&mut inside, enqueued, rest, patience, &mut after),
        };
        inside.parked.take(&mut after.wake);
        drop(inside);
        after.now();
        offer
    }

    /// What happens to messages for which there is no room.
    fn overflow(
        &self,
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
                Offer::Waiting { enqueued: placed + moved, span, timeout }
            }
            Overflow::DropOldest => {
                // The mailbox is full, and its consumer takes out no more than it hands out, so that the ring is all there is.
                for message in rest.singles() {
                    state.evict(1, &mut after.evicted.entries);
                    state.place(message);
                }
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
        let (mut inside, mut wake) = (self.lock_unfollowed(), Few::default());
        if inside.phase == Phase::Open {
            inside.phase = Phase::Closed;
        }
        inside.parked.take(&mut wake);
        drop(inside);
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
        let mut after = After::default();
        let mut inside = self.lock_apart(&mut after);
        inside.seen = self.handed_out();
        let left = inside.abandon();
        (self.counts_of(&mut inside), Abandoned { _left: left, after })
    }

    /// Forgets the waker of a member that leaves its group.
    pub(crate) fn leave(&self, member: SubscriberId) {
        let removed = self.lock().parked.remove(member);
        drop(removed);
    }

    pub(crate) fn counts(&self) -> Counts {
        let mut evicted = Evicted::default();
        let mut inside = self.lock();
        self.evict_published(&mut inside, &mut evicted);
        let counts = self.counts_of(&mut inside);
        drop(inside);
        evicted.now();
        counts
    }

    fn counts_of(&self, inside: &mut Inside) -> Counts {
        let ahead = inside.follow.as_ref().map_or(0, Follow::ahead);
        // In this order, because a message is published before it is handed out, and handed out before it is filtered.
        let filtered = self.exit.filtered.load(SeqCst);
        let depth = self.depth(inside, ahead);
        inside.counts(filtered, depth)
    }

    #[inline(always)]
    pub(super) fn lock(&self) -> MutexGuard<'_, Inside> {
        lock_soon(&self.inside)
    }

    /// The same when it follows nothing any more.
    #[inline(always)]
    fn lock_unfollowed(&self) -> MutexGuard<'_, Inside> {
        let inside = self.lock();
        if inside.follow.is_none() { inside } else { self.unfollow_and_lock(inside) }
    }

    #[cold]
    fn unfollow_and_lock<'a>(&'a self, mut inside: MutexGuard<'a, Inside>) -> MutexGuard<'a, Inside> {
        while inside.follow.is_some() {
            drop(inside);
            let mut after = After::default();
            drop(self.lock_apart(&mut after));
            after.now();
            inside = self.lock();
        }
        inside
    }
}

/// What was in a mailbox that ended; dropping it wakes the publishers that waited.
#[must_use = "is dropped without holding a lock"]
pub(crate) struct Abandoned {
    _left: Left,
    after: After,
}

impl Drop for Abandoned {
    fn drop(&mut self) {
        std::mem::take(&mut self.after).now();
    }
}

/// Room for one message, and the lock.
pub(crate) struct Place<'a> {
    mailbox: &'a Mailbox,
    inside: MutexGuard<'a, Inside>,
}

impl Place<'_> {
    /// Fills it. The message is made where it stays.
    #[inline(always)]
    pub(crate) fn fill(mut self, bytes: usize, mut message: impl FnMut() -> Message) {
        if self.mailbox.has_one_consumer && self.inside.parked.is_empty() {
            self.inside.place_own(bytes, message);
        } else {
            self.fill_alone(message());
        }
    }

    /// Whose consumer has come to rest gets it alone, so that it does not outlive its receiver.
    #[inline(never)]
    fn fill_alone(mut self, message: Message) {
        self.inside.place(Run::one(message));
        wake_parked(self.inside);
    }
}

/// Lets go of the lock, and wakes whoever had found nothing.
#[inline]
fn wake_parked(mut inside: MutexGuard<'_, Inside>) {
    if inside.parked.is_empty() {
        return;
    }
    let mut wake = Few::default();
    inside.parked.take(&mut wake);
    drop(inside);
    wake.wake();
}
