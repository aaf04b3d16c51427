//! What a subscriber wants: a pattern, a filter, and whether it shares the work with a group.

use crate::message::Message;
use crate::pattern::{BadPattern, Pattern};

/// What a subscriber wants.
// ANCHOR: wanted
#[derive(Clone, Debug)]
pub struct Wanted {
    pub pattern: Pattern,
    pub filter: Filter,
    pub group: Option<&'static str>, // of a group, one member gets each message
    pub slots: usize,                // of its mailbox
}

/// Data, not a closure: the bus runs no code of its users, which could block or panic.
#[derive(Clone, Copy, Debug)]
pub enum Filter {
    All,
    CentsAbove(u32),
}
// ANCHOR_END: wanted

impl Wanted {
    /// All messages on these topics, with a mailbox of eight slots, alone.
    pub fn to(pattern: &str) -> Result<Self, BadPattern> {
        Ok(Self { pattern: Pattern::parse(pattern)?, filter: Filter::All, group: None, slots: 8 })
    }

    pub fn filter(self, filter: Filter) -> Self {
        Self { filter, ..self }
    }

    pub fn group(self, group: &'static str) -> Self {
        Self { group: Some(group), ..self }
    }

    pub fn slots(self, slots: usize) -> Self {
        Self { slots, ..self }
    }

    pub(crate) fn wants(&self, message: &Message) -> bool {
        let passes = match self.filter {
            Filter::All => true,
            Filter::CentsAbove(limit) => message.cents > limit,
        };
        passes && self.pattern.matches(message.topic)
    }
}
