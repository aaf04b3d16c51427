//! [`Node`]: a chunk of a log with its successor.

use std::sync::Arc;

use crate::Message;
use crate::base::sync::OnceLock;
use crate::message::lease::Lease;
use crate::message::slot::{Chunk, Slot};

/// Deliveries keep the chunk and not the node, so that they never keep what came later.
#[derive(Debug)]
pub(super) struct Node {
    /// The position of its first message.
    pub(super) base: u64,
    stored: OnceLock<Stored>,
    /// Set when the node takes no more, and before anything behind it is published.
    next: OnceLock<Arc<Node>>,
}

/// The messages of a node.
#[derive(Clone, Debug)]
pub(super) enum Stored {
    Lone(Arc<Message>),
    Chunk(Arc<Chunk>),
}

impl Stored {
    /// Whether this lease is of it.
    pub(super) fn is_of(&self, lease: &Lease) -> bool {
        matches!((self, lease), (Self::Chunk(own), Lease::Chunk(other)) if Arc::ptr_eq(own, other))
    }

    fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Chunk(a), Self::Chunk(b)) => Arc::ptr_eq(a, b),
            _ => false,
        }
    }
}

impl Node {
    pub(super) fn new(base: u64) -> Arc<Self> {
        Arc::new(Self { base, stored: OnceLock::new(), next: OnceLock::new() })
    }

    /// Makes room for so many messages; more than one.
    pub(super) fn begin_chunk(&self, messages: usize) {
        self.stored.get_or_init(|| Stored::Chunk((0..messages).map(|_| Slot::default()).collect()));
    }

    /// Publishes the message at this place: whoever sees it there sees all that was written before.
    #[inline(always)]
    pub(super) fn publish(&self, index: usize, message: impl FnOnce() -> Message) {
        match self.stored.get() {
            Some(Stored::Chunk(chunk)) => chunk[index].fill(message),
            _ => drop(self.stored.get_or_init(|| Stored::Lone(Arc::new(message())))),
        }
    }

    /// How many messages are published here from this place on, at most so many.
    #[inline]
    pub(super) fn published_from(&self, index: usize, most: usize) -> usize {
        match self.stored.get() {
            Some(Stored::Chunk(chunk)) => {
                chunk[index..].iter().take(most).take_while(|slot| slot.is_filled()).count()
            }
            Some(Stored::Lone(_)) => 1 - index,
            None => 0,
        }
    }

    /// Whether this lease is of its chunk.
    pub(super) fn is_of(&self, lease: &Lease) -> bool {
        self.stored.get().is_some_and(|stored| stored.is_of(lease))
    }

    /// There are some where something is published.
    pub(super) fn stored(&self) -> &Stored {
        self.stored.get().expect("a message is published here")
    }

    pub(super) fn next(&self) -> Option<&Arc<Self>> {
        self.next.get()
    }

    /// Ends it.
    pub(super) fn set_next(&self, next: Arc<Self>) {
        self.next.get_or_init(|| next);
    }
}

/// Not by recursion: a mailbox with a large capacity has a long chain.
impl Drop for Node {
    fn drop(&mut self) {
        let mut next = self.next.take();
        while let Some(mut node) = next.and_then(Arc::into_inner) {
            next = node.next.take();
        }
    }
}

/// Where a message is.
#[derive(Clone, Debug)]
pub(crate) struct At {
    pub(super) stored: Stored,
    pub(super) index: usize,
}

impl At {
    pub(crate) fn message(&self) -> &Message {
        match &self.stored {
            Stored::Lone(message) => message,
            Stored::Chunk(chunk) => chunk[self.index].get(),
        }
    }

    /// Makes it the place of another message, and counts no chunk that it has already.
    pub(super) fn set(this: &mut Option<Self>, stored: &Stored, index: usize) {
        match this {
            Some(at) if at.stored.is(stored) => at.index = index,
            at => *at = Some(Self { stored: stored.clone(), index }),
        }
    }
}
