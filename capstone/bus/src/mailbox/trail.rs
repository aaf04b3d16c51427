//! [`Trail`]: a way along a log, from a position on.

use std::sync::Arc;
use std::sync::atomic::Ordering::Acquire;

use crate::base::sync::AtomicU64;
use crate::mailbox::entry::{Content, Entry};
use crate::mailbox::node::{Node, Stored};
use crate::message::batch_slice::Run;
use crate::message::lease::Lease;

#[derive(Debug)]
pub(super) struct Trail {
    node: Arc<Node>,
    at: u64,
    /// The number of the next message.
    number: u64,
}

/// What lies on the way.
pub(super) enum Step<'a> {
    /// Messages in a row, from one place to another, and the number of the first.
    Messages { stored: &'a Stored, first: usize, end: usize, number: u64 },
    /// They are not published yet.
    Nothing,
    /// What comes next is in the mailbox.
    Ended,
}

impl Trail {
    pub(super) fn new(node: &Arc<Node>, at: u64, number: u64) -> Self {
        Self { node: Arc::clone(node), at, number }
    }

    /// The position of the next message.
    pub(super) fn at(&self) -> u64 {
        self.at
    }

    /// Goes over the messages that are published by now and lie together. The trail ends at `until`.
    pub(super) fn step(&mut self, until: &AtomicU64, most: usize) -> Step<'_> {
        self.leave_what_is_over();
        let first = self.index();
        let published = self.node.published_from(first, most);
        // Read behind the message: who sees one that is not for this mailbox sees that, too.
        let until = until.load(Acquire);
        if self.at == until {
            return Step::Ended;
        }
        if published == 0 {
            return Step::Nothing;
        }
        let messages = (published as u64).min(until - self.at);
        let number = self.number;
        self.at += messages;
        self.number += messages;
        Step::Messages { stored: self.node.stored(), first, end: first + messages as usize, number }
    }

    /// The messages up to this position, all of which must be published: those that lie together.
    pub(super) fn take_up_to(&mut self, end: u64) -> Option<Entry> {
        self.leave_what_is_over();
        if self.at == end {
            return None;
        }
        let (at, number) = (self.index(), self.number);
        let behind = self.node.next().map_or(end, |next| next.base.min(end));
        self.number += behind - self.at;
        self.at = behind;
        Some(match self.node.stored() {
            Stored::Lone(message) => Entry::new(number, Run::One(Arc::clone(message))),
            Stored::Chunk(chunk) => {
                let end = (behind - self.node.base) as usize;
                Entry { number, at, content: Content::Logged(Arc::clone(chunk), end) }
            }
        })
    }

    /// Passes messages by, which must be published. The nodes that are left are dropped by the caller.
    pub(super) fn skip(&mut self, messages: u64, left: &mut Vec<Arc<Node>>) {
        self.at += messages;
        self.number += messages;
        while let Some(next) = self.node.next()
            && next.base <= self.at
        {
            let next = Arc::clone(next);
            left.push(std::mem::replace(&mut self.node, next));
        }
    }

    /// Whether the next message, if it comes, may come into the chunk of this lease.
    pub(super) fn is_in(&self, lease: &Lease) -> bool {
        self.node.is_of(lease)
    }

    fn leave_what_is_over(&mut self) {
        while let Some(next) = self.node.next()
            && next.base == self.at
        {
            self.node = Arc::clone(next);
        }
    }

    fn index(&self) -> usize {
        (self.at - self.node.base) as usize
    }
}
