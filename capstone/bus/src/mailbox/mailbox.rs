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
//! - Who follows a log has no waiting line; what is published there comes behind the ring, see `log.rs`.
//!
//! Wakers are woken, and messages are dropped, after the lock is released: both run code that is not ours.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::task::Waker;

use crate::base::few::Few;
use crate::base::id::SubscriberId;
use crate::base::lock::lock_soon;
use crate::base::sync::{Mutex, MutexGuard};
use crate::mailbox::counts::Counts;
use crate::mailbox::exit::Exit;
use crate::mailbox::log::{Evicted, Log};
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

/// A subscription that waits costs this, whatever its capacity.
#[cfg(not(loom))]
const _: () = assert!(size_of::<Mailbox>() <= 448);

/// What a mailbox keeps under its lock.
#[derive(Debug)]
pub(super) struct Inside {
    pub(super) state: State,
    /// Behind all that is in the state: what is published in a log.
    pub(super) follow: Option<Box<Follow>>,
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

/// Of whoever publishes without a log.
pub(crate) const NO_SOURCE: usize = 0;

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
    pub(super) fn is_usual(&self, inside: &mut Inside, messages: usize) -> bool {
        inside.is_open_to_all() && inside.follow.is_none() && self.room(inside, messages) >= messages
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
        let ahead = inside.follow.as_deref().map_or(0, Follow::ahead);
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
    pub(super) fn lock_unfollowed(&self) -> MutexGuard<'_, Inside> {
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
pub(super) fn wake_parked(mut inside: MutexGuard<'_, Inside>) {
    if inside.parked.is_empty() {
        return;
    }
    let mut wake = Few::default();
    inside.parked.take(&mut wake);
    drop(inside);
    wake.wake();
}
