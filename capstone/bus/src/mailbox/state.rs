//! [`State`]: what a mailbox keeps under its lock.
//!
//! Wakes nobody and drops no message: it gives back what is to be woken or dropped.

use std::collections::VecDeque;
use std::task::Waker;

use crate::base::few::{Few, wake};
use crate::mailbox::counts::Counts;
use crate::mailbox::entry::{Entry, pop_one};
use crate::mailbox::keyed::Keys;
use crate::mailbox::line::{self, Line, Span, Waiter};
use crate::mailbox::overflow::Settings;
use crate::mailbox::parked::Parked;
use crate::message::batch_slice::Run;

#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) phase: Phase,
    /// Accepted, and not yet taken out.
    pub(super) ring: VecDeque<Entry>,
    /// Messages that wait for a place.
    pub(super) line: Line,
    /// Consumers that found nothing to take.
    pub(super) parked: Parked,
    /// Absent where messages have no keys.
    pub(super) keys: Option<Box<Keys>>,
    /// Messages accepted, those without that were evicted again.
    accepted: u64,
    /// Messages handed out, as last looked at: never more than there are now.
    pub(super) seen: u64,
    /// How many were handed out when a wait timed out: the mailbox is stalled until it is more.
    stalled_at: Option<u64>,
    /// Messages offered so far, drops included: the number of the last offer.
    offered: u64,
    /// The number of the last message that left, where consumers take no more than they hand out.
    pub(super) last_out: u64,
    pub(super) dropped: u64,
    abandoned: u64,
    /// The most that were ever in the mailbox.
    pub(super) high_water: u64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Phase {
    #[default]
    Open,
    /// The bus is closed: takes nothing more, hands out what it has.
    Closed,
    /// Was full, and is not to wait or to lose: takes nothing more, hands out what it has.
    Slow,
    /// Nobody is left to receive: takes nothing more, has nothing.
    Gone,
}

impl State {
    pub(super) fn new(settings: &Settings) -> Self {
        Self { keys: settings.keyed_by.is_some().then(Box::default), ..Self::default() }
    }

    /// Whether a message that comes now may have a place, because it passes nobody.
    #[inline]
    pub(super) fn is_open_to_all(&self) -> bool {
        self.phase == Phase::Open && self.line.is_empty()
    }

    /// Whether a consumer that has taken everything out must wait for what comes.
    pub(super) fn has_nothing(&self) -> bool {
        self.phase == Phase::Open && self.ring.is_empty() && self.line.is_empty()
    }

    /// Messages in the mailbox, those that the consumer has taken out and not yet handed out included.
    pub(super) fn depth(&self) -> u64 {
        self.accepted - self.seen
    }

    /// Gives the next numbers to messages, and places; there must be room.
    #[inline]
    pub(super) fn place(&mut self, run: Run) {
        let number = self.offered + 1;
        self.offered += run.len() as u64;
        self.push(Entry::new(number, run));
    }

    #[inline]
    fn push(&mut self, entry: Entry) {
        self.accepted += entry.len() as u64;
        self.high_water = self.high_water.max(self.depth());
        match entry.run {
            // Each has a key of its own.
            Run::Part(_) if self.keys.is_some() => {
                let numbered = (entry.number..).zip(entry.run.singles());
                self.ring.extend(numbered.map(|(number, run)| Entry::new(number, run)));
            }
            _ => self.ring.push_back(entry),
        }
    }

    /// Gives the next number to a message, and the place of the oldest; the mailbox must be full, and its consumer
    /// take out no more than it hands out, so that the ring is all there is.
    pub(super) fn evict_for(&mut self, message: Run) -> Run {
        let oldest = pop_one(&mut self.ring).expect("a full mailbox has a message");
        self.accepted -= 1;
        self.dropped += 1;
        self.place(message);
        oldest.run
    }

    /// Gives numbers to messages that are dropped.
    pub(super) fn drop_offered(&mut self, messages: usize) {
        self.offered += messages as u64;
        self.dropped += messages as u64;
    }

    /// Gives numbers to messages, and places in the waiting line.
    pub(super) fn line_up(&mut self, run: Run) -> Span {
        let first = self.offered + 1;
        self.offered += run.len() as u64;
        self.line.push(first, run)
    }

    /// Moves the first of the waiting line into the ring, which has so much room. Says how many publishes got on.
    pub(super) fn admit(&mut self, mut room: usize, wake: &mut Few<Waker>) -> usize {
        let mut publishes = 0;
        while let Some((entry, waker)) = self.line.pop(room) {
            room -= entry.len();
            self.push(entry);
            waker.into_iter().for_each(|waker| wake.push(waker));
            publishes += 1;
        }
        publishes
    }

    /// Takes waiting messages out, as if they had never been offered here.
    pub(super) fn give(&mut self, span: Span, messages: usize) -> Option<Waiter> {
        let given = self.line.give(span, messages)?;
        self.offered -= given.entry.len() as u64;
        Some(given)
    }

    /// A wait has timed out.
    pub(super) fn stall(&mut self) {
        self.stalled_at = Some(self.seen);
    }

    /// A wait has timed out, and the consumer has taken nothing since. To be asked with a fresh `seen`.
    pub(super) fn is_stalled(&self) -> bool {
        self.stalled_at == Some(self.seen)
    }

    /// Ends the mailbox; to be called with a fresh `seen`.
    pub(super) fn abandon(&mut self) -> Abandoned {
        self.phase = Phase::Gone;
        self.abandoned += self.depth();
        self.accepted = self.seen;
        let (ring, parked) = (std::mem::take(&mut self.ring), std::mem::take(&mut self.parked));
        let waiters = self.line.leave(Span::ALL);
        self.dropped += line::count(&waiters) as u64;
        Abandoned { _ring: ring, waiters, _parked: parked }
    }

    /// To be called with a fresh `seen`.
    pub(super) fn counts(&self, filtered: u64) -> Counts {
        let bounded = |count: u64| usize::try_from(count).expect("at most the capacity, which is a usize");
        Counts {
            delivered: self.seen - filtered,
            filtered,
            dropped: self.dropped,
            abandoned: self.abandoned,
            high_water: bounded(self.high_water),
            depth: bounded(self.depth()),
            waiting: self.line.len(),
        }
    }
}

/// What was in a mailbox that ended; dropping it wakes the publishers that waited.
#[must_use = "is dropped without holding a lock"]
pub(crate) struct Abandoned {
    _ring: VecDeque<Entry>,
    waiters: Vec<Waiter>,
    _parked: Parked,
}

impl Drop for Abandoned {
    fn drop(&mut self) {
        self.waiters.drain(..).filter_map(|waiter| waiter.waker).for_each(wake);
    }
}
