//! [`Overflow`]: what happens to a message that finds a mailbox full.
//!
//! Decides nothing itself: the rules are carried out in the mailbox.

use std::time::Duration;

use crate::mailbox::filter::HeaderFilter;
use crate::mailbox::key::KeyedBy;

/// What a full mailbox does with the next message. Chosen per subscription, never by the publisher.
///
/// A mailbox is full when the messages it accepted minus those it handed out reach its capacity. Whatever is dropped
/// is counted, and shows as [`gap`](crate::Delivery::gap) on the next message that does arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Overflow {
    /// The publisher waits for a place, first come first served, for at most `timeout`; then this copy is dropped. A place
    /// that is free is found within 5 ms: publishers look for it in steps, so that a busy consumer need not wake one
    /// for every message.
    ///
    /// After one wait that timed out the mailbox is *stalled*: it drops at once until its consumer takes a message.
    /// Otherwise one forgotten subscription slows every publisher down to a message per timeout.
    ///
    /// With [`Duration::MAX`] the publisher waits as long as it takes, nothing is dropped while the subscription is there,
    /// and the mailbox is never stalled. Then a subscription that is forgotten, and neither read nor dropped, stops for ever
    /// whoever publishes to it; and so do handlers that publish to each other in a circle, whose wait a timeout would end.
    /// Closing the bus ends no such wait: only a free place does, or the end of the subscription.
    Block {
        /// The longest wait for one message. Zero drops at once, [`Duration::MAX`] never.
        timeout: Duration,
    },
    /// The oldest message that was not yet handed out makes room. The publisher never waits.
    DropOldest,
    /// The message itself is dropped: what is queued first stays. The publisher never waits.
    DropNewest,
    /// The subscription ends: for a consumer that would rather start anew than go on with a gap. It matches nothing
    /// from then on, what is queued still arrives, and then its stream ends with [`CloseReason::Slow`].
    Disconnect,
}

/// Why a subscription gets nothing new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CloseReason {
    /// The bus was closed.
    Closed,
    /// Its mailbox was full, and its overflow is [`Disconnect`](Overflow::Disconnect).
    Slow {
        /// Messages that found it full and are lost: one, or the rest of one batch. It says nothing of those that
        /// came later and did not match it any more.
        lost: u64,
    },
}

/// `Block` with one second: nothing is lost to a short pause, and nobody waits for ever.
impl Default for Overflow {
    fn default() -> Self {
        Self::Block { timeout: Duration::from_secs(1) }
    }
}

/// How large a mailbox is, what it does when full, what it is offered, and what is worked on one after another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Settings {
    pub(crate) capacity: usize,
    pub(crate) overflow: Overflow,
    pub(crate) headers: HeaderFilter,
    /// Absent where messages need not wait for each other.
    pub(crate) keyed_by: Option<KeyedBy>,
}

impl Default for Settings {
    fn default() -> Self {
        let (overflow, headers) = (Overflow::default(), HeaderFilter::default());
        Self { capacity: 1024, overflow, headers, keyed_by: None }
    }
}
