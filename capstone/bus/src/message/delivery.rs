//! [`Delivery`]: a message on its way out of a mailbox.

use std::fmt;
use std::ops::Deref;
use std::slice;
use std::sync::Arc;

use crate::Message;
use crate::message::batch_slice::Run;
use crate::message::lease::Lease;

/// A message as one subscription got it; dereferences to the [`Message`].
///
/// What was published one by one and received at once lies together in memory: whoever keeps a delivery keeps the messages
/// around it, at most 64 of them or 64 KiB. [`into_message`](Self::into_message) lets go of them.
#[derive(Clone)]
pub struct Delivery(Held);

/// # Why so?
///
/// Small, so that it is handed on in registers; and of whole words, because memory that is written in parts and soon read as
/// a whole stalls the processor. Both together halve what a delivery costs.
#[derive(Clone)]
enum Held {
    Lone {
        gap: u64,
        message: Arc<Message>,
    },
    /// The place in the lower bits.
    Leased {
        gap_and_at: u64,
        lease: Arc<Lease>,
    },
}

/// Where the message of a delivery lies.
pub(crate) enum Parts {
    Lone(Arc<Message>),
    Leased(Arc<Lease>, usize),
}

const AT_BITS: u32 = 16;
/// The most messages of a lease.
pub(crate) const LEASE_MAX: usize = 1 << AT_BITS;
/// A gap that is larger is shown as this.
const GAP_MAX: u64 = u64::MAX >> AT_BITS;

impl Delivery {
    #[inline(always)]
    pub(crate) fn lone(message: Arc<Message>, gap: u64) -> Self {
        Self(Held::Lone { gap, message })
    }

    #[inline(always)]
    pub(crate) fn leased(lease: Arc<Lease>, at: usize, gap: u64) -> Self {
        Self(Held::Leased { gap_and_at: gap.min(GAP_MAX) << AT_BITS | at as u64, lease })
    }

    /// As it is handed out behind others that were not: what was missing there is missing here.
    pub(crate) fn with_missing(self, missing: u64) -> Self {
        let gap = self.gap() + missing;
        match self.0 {
            Held::Lone { message, .. } => Self::lone(message, gap),
            Held::Leased { gap_and_at, lease } => Self::leased(lease, place(gap_and_at), gap),
        }
    }

    pub(crate) fn into_parts(self) -> Parts {
        match self.0 {
            Held::Lone { message, .. } => Parts::Lone(message),
            Held::Leased { gap_and_at, lease } => Parts::Leased(lease, place(gap_and_at)),
        }
    }

    /// How many messages were offered to this mailbox between the one handed out before and this one, and were
    /// dropped. 0 means that nothing is missing here.
    ///
    /// In a queue group the one before may have gone to another member. Where messages have
    /// [keys](crate::SubscriptionBuilder::keyed_by_header) and pass each other, it is how many were dropped since then.
    pub fn gap(&self) -> u64 {
        match self.0 {
            Held::Lone { gap, .. } => gap,
            Held::Leased { gap_and_at, .. } => gap_and_at >> AT_BITS,
        }
    }

    /// The message itself; copied, without its payload's bytes, unless it lay alone and nobody else has it.
    pub fn into_message(self) -> Message {
        match self.0 {
            Held::Lone { message, .. } => Arc::unwrap_or_clone(message),
            Held::Leased { .. } => (*self).clone(),
        }
    }
}

#[inline]
fn place(gap_and_at: u64) -> usize {
    (gap_and_at as usize) & (LEASE_MAX - 1)
}

impl Deref for Delivery {
    type Target = Message;

    #[inline]
    fn deref(&self) -> &Message {
        match &self.0 {
            Held::Lone { message, .. } => message,
            Held::Leased { gap_and_at, lease } => lease.get(place(*gap_and_at)),
        }
    }
}

impl fmt::Debug for Delivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Delivery").field("message", &**self).field("gap", &self.gap()).finish()
    }
}

/// Messages that were published together, as one subscription got them; dereferences to a slice of them, which is never
/// empty.
#[derive(Clone, Debug)]
pub struct Deliveries {
    together: Together,
    gap: u64,
}

#[derive(Clone, Debug)]
enum Together {
    One(Delivery),
    Many(Run),
}

impl Deliveries {
    pub(crate) fn new(run: Run, gap: u64) -> Self {
        Self { together: Together::Many(run), gap }
    }

    /// As [`Delivery::gap`], in front of the first of them. Between them nothing is missing.
    pub fn gap(&self) -> u64 {
        self.gap
    }
}

impl From<Delivery> for Deliveries {
    fn from(one: Delivery) -> Self {
        Self { gap: one.gap(), together: Together::One(one) }
    }
}

impl Deref for Deliveries {
    type Target = [Message];

    #[inline]
    fn deref(&self) -> &[Message] {
        match &self.together {
            Together::One(one) => slice::from_ref(one),
            Together::Many(run) => run,
        }
    }
}

impl<'a> IntoIterator for &'a Deliveries {
    type Item = &'a Message;
    type IntoIter = std::slice::Iter<'a, Message>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
