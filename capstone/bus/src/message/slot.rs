//! [`Slot`]: a place for a message that is written once, and read by many.

use crate::Message;
use crate::base::sync::OnceLock;

/// Messages in a row that are freed together.
pub(crate) type Chunk = [Slot];

/// On a cache line of its own: receivers read one while the publisher writes the next.
#[derive(Debug, Default)]
#[repr(align(64))]
pub(crate) struct Slot(OnceLock<Message>);

#[cfg(not(loom))]
const _: () = assert!(size_of::<Slot>() == 64);

impl Slot {
    #[inline(always)]
    pub(crate) fn is_filled(&self) -> bool {
        self.0.get().is_some()
    }

    /// The message, which must be published.
    #[inline(always)]
    pub(crate) fn get(&self) -> &Message {
        self.0.get().expect("a message that is published")
    }

    /// The message is made where it stays: a copy waits for what has just been written.
    #[inline(always)]
    pub(crate) fn fill(&self, message: impl FnOnce() -> Message) {
        self.0.get_or_init(message);
    }
}
