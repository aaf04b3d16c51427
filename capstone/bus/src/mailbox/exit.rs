//! [`Exit`]: how messages leave, and those that wait in front of a full mailbox follow.

use std::sync::atomic::Ordering::SeqCst;
use std::task::Waker;

use crate::few::Few;
use crate::mailbox::Mailbox;
use crate::mailbox::state::State;
use crate::sync::AtomicU64;

/// What the consumer writes for every message, on a cache line of its own: the publishers look only when they must.
#[derive(Debug)]
#[repr(align(64))]
pub(super) struct Exit {
    /// Messages that have left the mailbox for a consumer, refused by its filter or not.
    pub(super) handed_out: AtomicU64,
    /// Of those, what its filter has refused.
    pub(super) filtered: AtomicU64,
    /// When so many are handed out, the consumer is to let the waiting line in.
    ///
    /// The consumer counts a message out and then looks here; a publisher first sets this and then looks at the count.
    /// In that order, and sequentially consistent, at least one of them sees the other.
    admit_at: AtomicU64,
}

impl Default for Exit {
    fn default() -> Self {
        Self { handed_out: AtomicU64::new(0), filtered: AtomicU64::new(0), admit_at: AtomicU64::new(NEVER) }
    }
}

const NEVER: u64 = u64::MAX;

impl Mailbox {
    /// Moves waiting messages into the ring, as many as have room. The caller wakes their publishers without the lock.
    #[inline]
    pub(super) fn admit(&self, state: &mut State, wake: &mut Few<Waker>) {
        while !state.line.is_empty() {
            let room = self.room(state, self.settings.capacity);
            state.admit(room, wake);
            let at = if state.line.is_empty() { NEVER } else { state.seen + self.places_at_once() };
            self.exit.admit_at.store(at, SeqCst);
            if self.exit.handed_out.load(SeqCst) < at {
                return;
            }
        }
    }

    /// # Why does the consumer not let the next one in at every place?
    ///
    /// Publisher and consumer would then wake each other for every single message, for as long as the mailbox is full.
    /// So a large mailbox waits until a number of places are free, or the consumer has nothing left to hand out; and
    /// whoever else takes the lock lets the line in as well, also he whose time is over.
    fn places_at_once(&self) -> u64 {
        (self.settings.capacity as u64 / 4).clamp(1, 256)
    }

    /// How many of so many messages have room: at least, and exactly when they have not.
    #[inline]
    pub(super) fn room(&self, state: &mut State, wanted: usize) -> usize {
        let (capacity, wanted) = (self.settings.capacity as u64, wanted as u64);
        if state.depth() + wanted > state.high_water.min(capacity) {
            state.seen = self.exit.handed_out.load(SeqCst);
        }
        usize::try_from(capacity - state.depth()).expect("at most the capacity, which is a usize")
    }

    /// Counts messages that leave for the consumer, and lets waiting ones follow when it is time.
    #[inline]
    pub(super) fn count_out(&self, messages: usize) {
        let handed_out = self.exit.handed_out.fetch_add(messages as u64, SeqCst) + messages as u64;
        if handed_out >= self.exit.admit_at.load(SeqCst) {
            self.let_in();
        }
    }

    #[cold]
    fn let_in(&self) {
        let (mut state, mut wake) = (self.lock(), Few::default());
        self.admit(&mut state, &mut wake);
        drop(state);
        wake.wake();
    }
}
