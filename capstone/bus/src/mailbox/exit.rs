//! [`Exit`]: how messages leave, and those that wait in front of a full mailbox follow.

use std::sync::atomic::Ordering::{Relaxed, Release, SeqCst};
use std::task::Waker;

use crate::base::few::Few;
use crate::base::sync::{AtomicU64, fence};
use crate::mailbox::mailbox::Mailbox;
use crate::mailbox::state::State;

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
    /// The consumer counts messages out, and at each [step](Mailbox::step) looks here behind a fence; a publisher first
    /// sets this and then looks at the count. In that order, and sequentially consistent, at least one of them sees the
    /// other.
    admit_at: AtomicU64,
    /// Up to this position of the log, the trail that the consumer goes along belongs to this mailbox. Set before anything at
    /// this position is published.
    pub(super) until: AtomicU64,
}

impl Default for Exit {
    fn default() -> Self {
        Self {
            handed_out: AtomicU64::new(0),
            filtered: AtomicU64::new(0),
            admit_at: AtomicU64::new(NEVER),
            until: AtomicU64::new(NEVER),
        }
    }
}

pub(super) const NEVER: u64 = u64::MAX;

impl Mailbox {
    /// Moves waiting messages into the ring, as many as have room. The caller wakes their publishers without the lock.
    #[inline]
    pub(super) fn admit(&self, state: &mut State, wake: &mut Few<Waker>) {
        while !state.line.is_empty() {
            let room = self.room(state, self.settings.capacity);
            if state.admit(room, wake) > 1 {
                // So many at once that whoever is first now may have meant not to look for a long time.
                state.line.first_waker().into_iter().for_each(|waker| wake.push(waker));
            }
            let at = (state.seen + self.places_at_once()).next_multiple_of(self.step());
            let at = if state.line.is_empty() { NEVER } else { at };
            self.exit.admit_at.store(at, SeqCst);
            if self.exit.handed_out.load(SeqCst) < at {
                return;
            }
        }
    }

    /// # Why does the consumer not let the next one in at every place?
    ///
    /// Publisher and consumer would then wake each other for every single message, for as long as the mailbox is full.
    /// So a large mailbox waits until a number of places are free, or the consumer has nothing left to hand out. Whoever
    /// else takes the lock lets the line in as well, and a consumer that is slow costs nobody more than a few
    /// milliseconds beside a free place: that long the publishers wait before they look themselves.
    pub(super) fn places_at_once(&self) -> u64 {
        (self.settings.capacity as u64 / 4).clamp(1, 256)
    }

    /// Nobody waits any more: the consumer need not look.
    pub(super) fn nobody_waits(&self) {
        self.exit.admit_at.store(NEVER, SeqCst);
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

    /// The consumer looks whether somebody waits at each multiple of this power of two, and publishers wait for one of those.
    pub(super) fn step(&self) -> u64 {
        if self.settings.capacity >= 64 { 16 } else { 1 }
    }

    /// So many messages have left for the consumer, which is the only one; one more than before. Lets waiting ones follow when
    /// it is time.
    #[inline(always)]
    pub(super) fn count_out(&self, handed_out: u64, step: u64) {
        self.exit.handed_out.store(handed_out, Release);
        if handed_out & (step - 1) == 0 {
            fence(SeqCst);
            if handed_out >= self.exit.admit_at.load(Relaxed) {
                self.let_in();
            }
        }
    }

    /// The same for the last one that the consumer has at hand: from now on a shutdown may wait for nothing.
    #[inline]
    pub(super) fn count_out_last(&self, handed_out: u64) {
        self.exit.handed_out.store(handed_out, SeqCst);
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::base::id::SubscriberId;
    use crate::mailbox::line::Span;
    use crate::mailbox::mailbox::NO_SOURCE;
    use crate::mailbox::offer::{Letter, Offer, Patience};
    use crate::mailbox::overflow::Settings;
    use crate::mailbox::spec::Spec;
    use crate::mailbox::wait::Wait;
    use crate::message::batch_slice::Run;
    use crate::{Message, Topic};

    fn mailbox(id: u64) -> Arc<Mailbox> {
        let settings = Settings { capacity: 64, ..Settings::default() };
        let spec = Spec { pattern: "t".parse().expect("a pattern"), group: None, name: None, settings };
        Mailbox::new(SubscriberId(id), &spec)
    }

    fn offer(mailbox: &Arc<Mailbox>) -> Offer {
        let message = Run::one(Message::new(Topic::new("t").expect("a topic"), "m"));
        mailbox.offer(Letter::Run(&message), NO_SOURCE, Patience::Wait)
    }

    /// Otherwise it takes the lock for every message from then on.
    #[test]
    fn the_consumer_looks_for_waiting_messages_only_while_there_are_some() {
        let (mailbox, other) = (mailbox(1), mailbox(2));
        let waits = || {
            let Offer::Waiting { span, timeout, .. } = offer(&mailbox) else { panic!("it is full") };
            assert_ne!(mailbox.exit.admit_at.load(SeqCst), NEVER);
            Wait::new(Arc::clone(&mailbox), span, timeout)
        };
        (0..64).for_each(|_| assert!(matches!(offer(&mailbox), Offer::Enqueued)));
        drop(waits());
        assert_eq!(mailbox.exit.admit_at.load(SeqCst), NEVER, "given up");

        let _gone_on = waits();
        assert_eq!(mailbox.give(Span::ALL, &other), 1);
        assert_eq!(mailbox.exit.admit_at.load(SeqCst), NEVER, "in another mailbox");

        let (one, _two) = (waits(), waits());
        drop(one);
        assert_ne!(mailbox.exit.admit_at.load(SeqCst), NEVER, "there is still one");
        assert_eq!(mailbox.expire(Span::ALL), 0);
        assert_eq!(mailbox.exit.admit_at.load(SeqCst), NEVER, "its time is over");
        assert_eq!(other.counts().depth, 1);
    }
}
