//! [`State`]: what a mailbox keeps under its lock.
//!
//! Wakes nobody and drops no message: it gives back what is to be woken or dropped.

use std::collections::VecDeque;
use std::task::Waker;

use crate::Message;
use crate::base::few::{Few, wake};
use crate::mailbox::counts::Counts;
use crate::mailbox::entry::{Content, Entry};
use crate::mailbox::keys::Keys;
use crate::mailbox::line::{self, Line, Span, Waiter};
use crate::mailbox::node::At;
use crate::mailbox::overflow::Settings;
use crate::mailbox::parked::Parked;
use crate::mailbox::tail::Tail;
use crate::message::batch_slice::Run;

#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) phase: Phase,
    /// Accepted, and not yet taken out.
    pub(super) ring: VecDeque<Entry>,
    /// Behind the ring.
    tail: Tail,
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
    /// One more than were handed out when a wait timed out: the mailbox is stalled until it is more. 0 while none has.
    stalled_at: u64,
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
        self.phase == Phase::Open && self.is_empty() && self.line.is_empty()
    }

    /// Whether nothing is to be taken out.
    pub(super) fn is_empty(&self) -> bool {
        self.ring.is_empty() && self.tail.is_empty()
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

    /// The same for one message that nobody else gets, where one consumer takes all there is.
    #[inline(always)]
    pub(super) fn place_own(&mut self, bytes: usize, message: impl FnMut() -> Message) {
        self.offered += 1;
        self.accept(1);
        if !self.tail.ends_before(self.offered) {
            self.end_tail();
            self.tail.begin(self.offered);
        }
        if self.tail.push(bytes, message) {
            self.end_tail();
        }
    }

    /// Puts what lies behind the ring into it.
    pub(super) fn end_tail(&mut self) {
        if !self.tail.is_empty() {
            self.ring.extend(self.tail.end());
        }
    }

    #[inline]
    fn push(&mut self, entry: Entry) {
        self.end_tail();
        self.accept(entry.len());
        match &entry.content {
            // Each has a key of its own.
            Content::Run(run @ Run::Part(_)) if self.keys.is_some() => {
                let numbered = (entry.number..).zip(run.singles());
                self.ring.extend(numbered.map(|(number, run)| Entry::new(number, run)));
            }
            _ => self.ring.push_back(entry),
        }
    }

    #[inline(always)]
    fn accept(&mut self, messages: usize) {
        self.accepted += messages as u64;
        self.high_water = self.high_water.max(self.depth());
    }

    /// Gives the next number and a place to a message that lies in a log: the last entry grows if it lies behind that.
    pub(super) fn place_at(&mut self, at: &At) {
        self.offered += 1;
        if self.tail.is_empty()
            && let Some(back) = self.ring.back_mut()
            && back.grow(at, self.offered)
        {
            self.accept(1);
            return;
        }
        self.push(Entry::logged(self.offered, at));
    }

    /// Messages of a log are accepted.
    pub(super) fn count_in(&mut self, messages: u64) {
        self.offered += messages;
        self.accepted += messages;
        self.high_water = self.high_water.max(self.depth());
    }

    /// The number of the next message that is offered.
    pub(super) fn next_number(&self) -> u64 {
        self.offered + 1
    }

    /// See the field.
    pub(super) fn accepted(&self) -> u64 {
        self.accepted
    }

    /// Makes room by the oldest messages, and says how many are not here.
    pub(super) fn evict(&mut self, messages: u64, evicted: &mut Few<Entry>) -> u64 {
        self.dropped += messages;
        let mut left = messages;
        while left > 0
            && let Some(front) = self.ring.front_mut()
        {
            let took = left.min(front.len() as u64);
            if took < front.len() as u64 {
                front.skip(took);
            } else {
                self.ring.pop_front().into_iter().for_each(|entry| evicted.push(entry));
            }
            self.accepted -= took;
            left -= took;
        }
        left
    }

    /// Messages of a log are dropped before they were accepted, and counted as dropped already.
    pub(super) fn pass_by(&mut self, messages: u64) {
        self.offered += messages;
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
        while let Some(Waiter { number, run, waker, .. }) = self.line.pop(room) {
            room -= run.len();
            self.push(Entry::new(number, run));
            waker.into_iter().for_each(|waker| wake.push(waker));
            publishes += 1;
        }
        publishes
    }

    /// Takes waiting messages out, as if they had never been offered here.
    pub(super) fn give(&mut self, span: Span, messages: usize) -> Option<Waiter> {
        let given = self.line.give(span, messages)?;
        self.offered -= given.run.len() as u64;
        Some(given)
    }

    /// A wait has timed out.
    pub(super) fn stall(&mut self) {
        self.stalled_at = self.seen + 1;
    }

    /// A wait has timed out, and the consumer has taken nothing since. To be asked with a fresh `seen`.
    pub(super) fn is_stalled(&self) -> bool {
        self.stalled_at == self.seen + 1
    }

    /// Ends the mailbox; to be called with a fresh `seen`.
    pub(super) fn abandon(&mut self) -> Left {
        self.phase = Phase::Gone;
        self.abandoned += self.depth();
        self.accepted = self.seen;
        self.end_tail();
        let (ring, parked) = (std::mem::take(&mut self.ring), std::mem::take(&mut self.parked));
        let waiters = self.line.leave(Span::ALL);
        self.dropped += line::count(&waiters) as u64;
        Left { _ring: ring, waiters, _parked: parked }
    }

    /// To be called with a fresh `seen`.
    pub(super) fn counts(&mut self, filtered: u64, depth: u64) -> Counts {
        self.high_water = self.high_water.max(depth);
        let bounded = |count: u64| usize::try_from(count).expect("at most the capacity, which is a usize");
        Counts {
            delivered: self.seen - filtered,
            filtered,
            dropped: self.dropped,
            abandoned: self.abandoned,
            high_water: bounded(self.high_water),
            depth: bounded(depth),
            waiting: self.line.len(),
        }
    }
}

/// What was in a mailbox that ended; dropping it wakes the publishers that waited.
#[must_use = "is dropped without holding a lock"]
pub(super) struct Left {
    _ring: VecDeque<Entry>,
    waiters: Vec<Waiter>,
    _parked: Parked,
}

impl Drop for Left {
    fn drop(&mut self) {
        self.waiters.drain(..).filter_map(|waiter| waiter.waker).for_each(wake);
    }
}
