//! [`Line`]: the messages that wait in front of a full mailbox, first come first served.

use std::{
    collections::VecDeque,
    sync::Arc,
    task::{Context, Poll, Waker},
};

use crate::Message;

/// Each message belongs to its publisher until the consumer moves it into the ring.
#[derive(Debug, Default)]
pub(crate) struct Line(VecDeque<Waiter>);

#[derive(Debug)]
pub(crate) struct Waiter {
    pub(crate) number: u64,
    pub(crate) message: Arc<Message>,
    /// Absent until the publisher's second pass polls for the first time; of a batch, only the first has one.
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
    pub(crate) fn push(&mut self, number: u64, message: Arc<Message>) {
        self.0.push_back(Waiter { number, message, waker: None });
    }

    pub(crate) fn pop(&mut self) -> Option<Waiter> {
        self.0.pop_front()
    }

    /// Ready when the first of these is not there any more: with those that are, which may be none. Also returns the
    /// waker that this one takes the place of, to be dropped without the lock.
    pub(crate) fn poll(&mut self, span: Span, cx: &mut Context<'_>) -> (Poll<Span>, Option<Waker>) {
        let at = self.position(span.first);
        match self.0.get_mut(at).filter(|waiter| waiter.number < span.end) {
            None => (Poll::Ready(Span { first: span.end, end: span.end }), None),
            Some(waiter) if waiter.number > span.first => {
                (Poll::Ready(Span { first: waiter.number, end: span.end }), None)
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

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Where this number stands, or would stand.
    fn position(&self, number: u64) -> usize {
        self.0.partition_point(|waiter| waiter.number < number)
    }
}
