//! The topics that are the bus's own, by their first tokens.

use crate::{Pattern, Topic};

/// Where the bus would speak of itself.
const SYS: &str = "$SYS";
/// Where dead letters go.
const DLQ: &str = "$DLQ";
/// Where requests wait for their replies.
pub(crate) const INBOX: &str = "$INBOX";

/// Who may publish to a topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Owner {
    Anybody,
    /// Anybody, as the reply to a request.
    Inbox,
    Bus,
}

impl Owner {
    pub(crate) fn of(topic: &Topic) -> Self {
        if !topic.is_reserved() {
            return Self::Anybody;
        }
        match topic.tokens().next() {
            Some(SYS | DLQ) => Self::Bus,
            Some(INBOX) => Self::Inbox,
            _ => Self::Anybody,
        }
    }
}

/// Whether nobody but the bus may publish there.
#[cfg(feature = "wire")]
pub(crate) fn is_of_bus(topic: &Topic) -> bool {
    Owner::of(topic) == Owner::Bus
}

impl Topic {
    /// Where the dead letters of this topic go: `$DLQ.` in front of it. Those of a dead letter go nowhere.
    ///
    /// ```
    /// use capstone_bus::Topic;
    ///
    /// let dead = Topic::new("orders.created")?.dead_letter().expect("not a dead letter itself");
    /// assert_eq!(dead.as_str(), "$DLQ.orders.created");
    /// assert_eq!(dead.dead_letter(), None);
    /// # Ok::<(), capstone_bus::TopicError>(())
    /// ```
    pub fn dead_letter(&self) -> Option<Topic> {
        let free = "the prefix does not count towards the limit";
        (!self.is_dead_letter()).then(|| Topic::new(format!("{DLQ}.{self}")).expect(free))
    }

    pub(crate) fn is_dead_letter(&self) -> bool {
        self.tokens().next() == Some(DLQ)
    }
}

impl Pattern {
    /// Whether it matches dead letters, and then it matches nothing else.
    pub(crate) fn is_of_dead_letters(&self) -> bool {
        self.as_str().split('.').next() == Some(DLQ)
    }
}
