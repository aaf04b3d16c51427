//! [`Line`]: the messages that wait in front of a full mailbox, first come first served.

use std::collections::VecDeque;
use std::task::{Context, Poll, Waker};

use crate::mailbox::entry::Entry;
use crate::run::Run;

/// Each message belongs to its publisher until the consumer moves it into the ring.
#[derive(Debug, Default)]
pub(crate) struct Line(VecDeque<Waiter>);

/// What one publish has in the line.
#[derive(Debug)]
pub(crate) struct Waiter {
    pub(crate) entry: Entry,
    /// Absent until the publisher's second pass polls for the first time.
    pub(crate) waker: Option<Waker>,
}

/// The numbers of messages that entered the line together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) first: u64,
    /// One behind the last.
    pub(crate) end: u64,
}

/// What became of messages in the waiting line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Waited {
    pub(crate) enqueued: usize,
    pub(crate) dropped: usize,
}

impl Span {
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
    pub(crate) fn push(&mut self, number: u64, run: Run) {
        self.0.push_back(Waiter { entry: Entry::new(number, run), waker: None });
    }

    /// Takes at most so many messages of one publish off the front, and its waker: it has something to look at.
    pub(crate) fn pop(&mut self, messages: usize) -> Option<(Entry, Option<Waker>)> {
        if messages == 0 {
            return None;
        }
        let Waiter { entry: Entry { number, run, .. }, waker } = self.0.pop_front()?;
        let (front, rest) = run.split_at(messages);
        if let Some(run) = rest {
            let entry = Entry::new(number + messages as u64, run);
            self.0.push_front(Waiter { entry, waker: None });
        }
        Some((Entry::new(number, front?), waker))
    }

    /// Ready when the first of these is not there any more: with those that are, which may be none. Also returns the
    /// waker that this one takes the place of, to be dropped without the lock.
    pub(crate) fn poll(&mut self, span: Span, cx: &mut Context<'_>) -> (Poll<Span>, Option<Waker>) {
        let at = self.position(span.first);
        match self.0.get_mut(at).filter(|waiter| waiter.entry.number < span.end) {
            None => (Poll::Ready(Span { first: span.end, end: span.end }), None),
            Some(waiter) if waiter.entry.number > span.first => {
                (Poll::Ready(Span { first: waiter.entry.number, end: span.end }), None)
            }
            Some(waiter) => match &mut waiter.waker {
                Some(waker) if waker.will_wake(cx.waker()) => (Poll::Pending, None),
                waker => (Poll::Pending, waker.replace(cx.waker().clone())),
            },
        }
    }

    /// Takes out those of these messages that are still there.
    pub(crate) fn leave(&mut self, span: Span) -> Vec<Waiter> {
        let (from, to) = (self.position(span.first), self.position(span.end));
        self.0.drain(from..to).collect()
    }

    /// How many messages wait.
    pub(crate) fn len(&self) -> usize {
        count(&self.0)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Where this number stands, or would stand.
    fn position(&self, number: u64) -> usize {
        self.0.partition_point(|waiter| waiter.entry.number < number)
    }
}

/// How many messages these are.
pub(crate) fn count<'a>(waiters: impl IntoIterator<Item = &'a Waiter>) -> usize {
    waiters.into_iter().map(|waiter| waiter.entry.len()).sum()
}
