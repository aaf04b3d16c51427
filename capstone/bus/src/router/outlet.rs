//! [`Outlet`]: a way out of the bus that is no mailbox; the network listener puts one in front of each connection.
//!
//! Waits for nobody: whoever bounds the buffer behind an outlet decides what a full one does.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::base::counter::Counter;
use crate::base::id::SubscriberId;
use crate::{Message, Pattern, Topic};

/// Who publishes: lets an outlet recognise what came in through its own connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Origin(pub(crate) u64);

impl Origin {
    /// A handle of the bus, and no connection.
    pub(crate) const LOCAL: Self = Self(0);
}

/// What an outlet did with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(not(feature = "wire"), allow(dead_code, reason = "the network listener makes the others"))]
pub(crate) enum Uptake {
    Enqueued,
    /// Matched, and there was no room for it.
    Dropped,
    /// Does not count as matched, and a group tries its next member: the outlet is closed, or the message is its own.
    Refused,
}

/// Takes messages on the publisher's task, one after another in the order of publishes.
pub(crate) trait Outlet: fmt::Debug + Send + Sync {
    /// Takes a copy of the message, or does not. Called without any lock; must not block, and must not publish.
    fn offer(&self, message: &Message, origin: Origin) -> Uptake;

    /// Messages that wait behind it. A queue group prefers the member with the fewest.
    fn pending(&self) -> usize;

    /// Tells who asked, if it is behind this outlet, that nobody is there to respond on this subject. Says whether it did.
    #[cfg_attr(not(feature = "wire"), allow(dead_code, reason = "only clients on the network are told"))]
    fn unanswered(&self, _subject: &[u8], _reply: &Topic, _asker: Origin) -> bool {
        false
    }
}

/// Copies that outlets took, and those that they had no room for. Counted for the bus and not for each outlet, which may be
/// detached while an offer is under way.
#[derive(Debug, Default)]
pub(crate) struct Carried {
    pub(crate) delivered: Counter,
    pub(crate) dropped: Counter,
}

impl Carried {
    pub(crate) fn add(&self, (delivered, dropped): (usize, usize)) {
        for (counter, copies) in [(&self.delivered, delivered), (&self.dropped, dropped)] {
            if copies > 0 {
                counter.add(copies);
            }
        }
    }
}

/// An outlet with its place in the table.
#[derive(Debug)]
pub(crate) struct Port {
    pub(crate) id: SubscriberId,
    pub(crate) pattern: Pattern,
    pub(crate) group: Option<Arc<str>>,
    pub(crate) outlet: Arc<dyn Outlet>,
}

/// Outlets that tie take turns: one that is written to a fast socket is always empty.
#[derive(Debug, Default)]
pub(crate) struct Turns(AtomicUsize);

impl Turns {
    /// The ports, beginning with the one whose turn it is.
    pub(crate) fn rotated<'a>(&self, ports: &'a [Arc<Port>]) -> impl Iterator<Item = &'a Arc<Port>> {
        let turn = if ports.len() > 1 { self.0.fetch_add(1, Ordering::Relaxed) } else { 0 };
        let (before, from) = ports.split_at(turn % ports.len().max(1));
        from.iter().chain(before)
    }
}
