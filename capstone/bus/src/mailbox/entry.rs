//! [`Entry`]: messages in a row with the numbers of their offers.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::mailbox::node::{At, Stored};
use crate::message::batch_slice::Run;
use crate::message::delivery::LEASE_MAX;
use crate::message::lease::Lease;
use crate::message::slot::Chunk;
use crate::{Delivery, Message};

/// Offered together, or one behind the other with nothing between, so their numbers follow one another. Never empty.
#[derive(Debug)]
pub(crate) struct Entry {
    /// Of the first that is left.
    pub(crate) number: u64,
    /// Where the first that is left is among them.
    pub(crate) at: usize,
    pub(crate) content: Content,
}

#[derive(Debug)]
pub(crate) enum Content {
    /// Others may have them, too.
    Run(Run),
    /// Nobody else has them.
    Own(Vec<Message>),
    /// This mailbox has counted them for itself; up to this place.
    Leased(Arc<Lease>, usize),
    /// They lie in a log, up to this place.
    Logged(Arc<Chunk>, usize),
}

impl Entry {
    #[inline]
    pub(crate) fn new(number: u64, run: Run) -> Self {
        Self { number, at: run.first(), content: Content::Run(run) }
    }

    pub(crate) fn own(number: u64, messages: Vec<Message>) -> Self {
        Self { number, at: 0, content: Content::Own(messages) }
    }

    /// A message of a log.
    pub(super) fn logged(number: u64, at: &At) -> Self {
        match &at.stored {
            Stored::Lone(message) => Self::new(number, Run::One(Arc::clone(message))),
            Stored::Chunk(chunk) => {
                Self { number, at: at.index, content: Content::Logged(Arc::clone(chunk), at.index + 1) }
            }
        }
    }

    /// Takes in a message with this number, if it lies right behind.
    pub(super) fn grow(&mut self, behind: &At, number: u64) -> bool {
        let is_next = self.number + self.len() as u64 == number;
        match (&mut self.content, &behind.stored) {
            (Content::Logged(chunk, end), Stored::Chunk(other))
                if is_next && *end == behind.index && Arc::ptr_eq(chunk, other) =>
            {
                *end += 1;
                true
            }
            _ => false,
        }
    }

    /// Leaves the first so many out; fewer than there are.
    pub(super) fn skip(&mut self, messages: u64) {
        self.number += messages;
        self.at += messages as usize;
    }

    /// How many are left.
    #[inline]
    pub(crate) fn len(&self) -> usize {
        let end = match &self.content {
            Content::Run(Run::One(_)) => return 1,
            Content::Run(Run::Part(part)) => part.end,
            Content::Own(messages) => messages.len(),
            Content::Leased(_, end) | Content::Logged(_, end) => *end,
        };
        end - self.at
    }

    /// The same for a receiver that hands out one after another, and what is too much for one lease. A message that lies
    /// alone is handed out as it is.
    pub(crate) fn lease(self) -> (Self, Option<Self>) {
        let Self { number, at, content } = self;
        let leased = |lease, at, end| Self { number, at, content: Content::Leased(Arc::new(lease), end) };
        match content {
            Content::Own(messages) => {
                let end = messages.len();
                (leased(Lease::Own(messages), at, end), None)
            }
            Content::Logged(chunk, end) => (leased(Lease::Chunk(chunk), at, end), None),
            Content::Run(Run::Part(part)) => {
                let end = (at + LEASE_MAX).min(part.end);
                let rest = (end < part.end).then(|| {
                    let content = Content::Run(Run::Part(Arc::clone(&part)));
                    Self { number: number + (end - at) as u64, at: end, content }
                });
                (leased(Lease::Batch(Arc::clone(&part.batch), at), 0, end - at), rest)
            }
            content => (Self { number, at, content }, None),
        }
    }

    /// The first that is left.
    pub(crate) fn front(&self) -> Delivery {
        let content = match &self.content {
            Content::Run(run) => Content::Run(run.clone()),
            Content::Own(messages) => return Delivery::lone(Arc::new(messages[self.at].clone()), 0),
            Content::Leased(lease, _) => Content::Leased(Arc::clone(lease), self.at + 1),
            Content::Logged(chunk, _) => Content::Logged(Arc::clone(chunk), self.at + 1),
        };
        Self { number: self.number, at: self.at, content }.into_delivery(0)
    }

    /// The first that is left, for its receiver.
    pub(crate) fn into_delivery(self, gap: u64) -> Delivery {
        match self.lease().0 {
            Self { content: Content::Leased(lease, _), at, .. } => Delivery::leased(lease, at, gap),
            Self { content: Content::Run(Run::One(message)), .. } => Delivery::lone(message, gap),
            Self { .. } => unreachable!("what does not lie alone is leased"),
        }
    }

    /// Those that are left, if they were published together.
    pub(crate) fn together(&self) -> Option<Run> {
        match &self.content {
            Content::Run(run) => Some(run.clone().behind(self.at)),
            Content::Leased(lease, end) => lease.together(self.at, *end),
            Content::Own(_) | Content::Logged(..) => None,
        }
    }
}

/// Takes the oldest message out: an entry of one.
#[inline]
pub(crate) fn pop_one(ring: &mut VecDeque<Entry>) -> Option<Entry> {
    if ring.front()?.len() == 1 {
        return ring.pop_front();
    }
    let (mut entry, rest) = ring.pop_front()?.lease();
    rest.into_iter().for_each(|rest| ring.push_front(rest));
    let Content::Leased(lease, _) = &entry.content else { unreachable!("several are leased") };
    let content = Content::Leased(Arc::clone(lease), entry.at + 1);
    let one = Entry { number: entry.number, at: entry.at, content };
    entry.number += 1;
    entry.at += 1;
    ring.push_front(entry);
    Some(one)
}

/// How many numbers are missing between what was handed out last and this, which is handed out now.
#[inline]
pub(crate) fn gap(last_out: &mut u64, number: u64) -> u64 {
    let missing = number - *last_out - 1;
    *last_out = number;
    missing
}
