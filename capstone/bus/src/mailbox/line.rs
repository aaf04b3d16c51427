//! [`Line`]: the messages that wait in front of a full mailbox, first come first served.

use std::collections::VecDeque;
use std::task::{Poll, Waker};

use crate::message::batch_slice::Run;

/// Each message belongs to its publisher until the consumer moves it into the ring.
///
/// # Why a ticket beside the number?
///
/// A message that goes on to another mailbox has never been here: those behind it take over its number, so that nobody
/// sees a gap. The ticket is what its publisher knows it by, and stays.
#[derive(Debug, Default)]
pub(crate) struct Line {
    waiters: VecDeque<Waiter>,
    /// How many they have together.
    messages: usize,
    /// The last ticket given away.
    last: u64,
    /// The last ticket whose message came into the ring: they go in order.
    moved: u64,
}

/// What one publish has in the line.
#[derive(Debug)]
pub(crate) struct Waiter {
    /// Of the first message.
    ticket: u64,
    /// The number of its offer.
    pub(crate) number: u64,
    pub(crate) run: Run,
    /// Absent until the publisher's second pass polls for the first time.
    pub(crate) waker: Option<Waker>,
}

/// The tickets of messages that entered the line together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    first: u64,
    /// One behind the last.
    end: u64,
}

impl Span {
    /// Every ticket there is.
    pub(crate) const ALL: Self = Self { first: 1, end: u64::MAX };

    pub(crate) fn len(self) -> usize {
        usize::try_from(self.end - self.first).expect("they were in memory all at once")
    }

    /// Without so many at the front.
    pub(crate) fn skip(self, messages: usize) -> Self {
        Self { first: self.first + messages as u64, end: self.end }
    }

    pub(crate) fn is_empty(self) -> bool {
        self.first == self.end
    }
}

impl Line {
    pub(crate) fn push(&mut self, number: u64, run: Run) -> Span {
        let span = Span { first: self.last + 1, end: self.last + 1 + run.len() as u64 };
        self.last = span.end - 1;
        self.messages += run.len();
        self.waiters.push_back(Waiter { ticket: span.first, number, run, waker: None });
        span
    }

    /// Takes at most so many messages of one publish off the front; its waker has something to look at.
    pub(crate) fn pop(&mut self, messages: usize) -> Option<Waiter> {
        let first = self.cut(0, messages)?;
        self.moved = first.ticket + first.run.len() as u64 - 1;
        Some(first)
    }

    /// Takes the first of these messages out, at most so many, for another mailbox: as if they had never come.
    pub(crate) fn give(&mut self, span: Span, messages: usize) -> Option<Waiter> {
        let at = self.find(span)?;
        let given = self.cut(at, messages)?;
        for behind in self.waiters.range_mut(at..) {
            behind.number -= given.run.len() as u64;
        }
        Some(given)
    }

    /// Takes at most so many messages off the front of this waiter.
    fn cut(&mut self, at: usize, messages: usize) -> Option<Waiter> {
        let waiter = self.waiters.get_mut(at)?;
        let cut = match waiter.run.clone().split_at(messages) {
            (None, _) => return None,
            (Some(_), None) => self.waiters.remove(at)?,
            (Some(front), Some(rest)) => {
                let Waiter { ticket, number, .. } = *waiter;
                let behind = messages as u64;
                let rest =
                    Waiter { ticket: ticket + behind, number: number + behind, run: rest, waker: None };
                let Waiter { waker, .. } = std::mem::replace(waiter, rest);
                Waiter { ticket, number, run: front, waker }
            }
        };
        self.messages -= cut.run.len();
        Some(cut)
    }

    /// Ready when the first of these is not there any more: with those that are, which may be none. Also returns the
    /// waker that is not needed, to be dropped without the lock.
    pub(crate) fn poll(&mut self, span: Span, waker: Waker) -> (Poll<Span>, Option<Waker>) {
        match self.find(span).map(|at| &mut self.waiters[at]) {
            None => (Poll::Ready(Span { first: span.end, end: span.end }), Some(waker)),
            Some(waiter) if waiter.ticket > span.first => {
                (Poll::Ready(Span { first: waiter.ticket, end: span.end }), Some(waker))
            }
            Some(waiter) => (Poll::Pending, waiter.waker.replace(waker)),
        }
    }

    /// Takes out those of these messages that are still there.
    pub(crate) fn leave(&mut self, span: Span) -> Vec<Waiter> {
        let (from, to) = (self.position(span.first), self.position(span.end));
        let left: Vec<_> = self.waiters.drain(from..to).collect();
        self.messages -= count(&left);
        left
    }

    /// How many of these have come into the ring. To be asked of such as were not given away.
    pub(crate) fn moved_of(&self, span: Span) -> usize {
        Span { first: span.first, end: (self.moved + 1).clamp(span.first, span.end) }.len()
    }

    /// The waker of whoever is first, to let it know.
    pub(crate) fn first_waker(&mut self) -> Option<Waker> {
        self.waiters.front_mut()?.waker.take()
    }

    /// How many publishes stand in front of these messages.
    pub(crate) fn place(&self, span: Span) -> usize {
        self.position(span.first)
    }

    /// How many messages wait.
    pub(crate) fn len(&self) -> usize {
        self.messages
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.waiters.is_empty()
    }

    /// Who has the first of these messages that is still there.
    fn find(&self, span: Span) -> Option<usize> {
        let at = self.position(span.first);
        self.waiters.get(at).filter(|waiter| waiter.ticket < span.end).map(|_| at)
    }

    /// Where this ticket stands, or would stand.
    fn position(&self, ticket: u64) -> usize {
        self.waiters.partition_point(|waiter| waiter.ticket < ticket)
    }
}

/// How many messages these are.
pub(crate) fn count<'a>(waiters: impl IntoIterator<Item = &'a Waiter>) -> usize {
    waiters.into_iter().map(|waiter| waiter.run.len()).sum()
}
