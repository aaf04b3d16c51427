//! [`Tail`]: messages behind the ring that nobody else gets, by value.

use crate::Message;
use crate::mailbox::entry::Entry;
use crate::message::batch_slice::Run;

/// They become an entry when something else comes, when they are many, or when the consumer looks: so a message that goes
/// to one mailbox costs neither an allocation nor a count of its own.
#[derive(Debug, Default)]
pub(super) struct Tail {
    messages: Vec<Message>,
    /// Of the first.
    number: u64,
    /// Of their payloads; enough is far less.
    bytes: u32,
    /// How many the last one had.
    size: u32,
}

/// The most messages that are freed together, and about the most bytes of their payloads: what one delivery that is kept can
/// keep alive.
pub(super) const BUNCH: usize = 64;
pub(super) const BUNCH_BYTES: usize = 64 * 1024;

impl Tail {
    #[inline(always)]
    pub(super) fn is_empty(&self) -> bool {
        self.messages.is_empty()
    }

    /// Whether a message with this number can come behind the others.
    #[inline(always)]
    pub(super) fn ends_before(&self, number: u64) -> bool {
        !self.is_empty() && self.number + self.messages.len() as u64 == number
    }

    /// The next message has this number. Nothing may be left.
    #[cold]
    pub(super) fn begin(&mut self, number: u64) {
        self.number = number;
        self.messages.reserve_exact(self.size.max(1) as usize);
    }

    /// Says whether that is enough. The message is made where it stays: a copy waits for what has just been written.
    #[inline(always)]
    pub(super) fn push(&mut self, bytes: usize, message: impl FnMut() -> Message) -> bool {
        self.bytes = self.bytes.saturating_add(u32::try_from(bytes).unwrap_or(u32::MAX));
        self.messages.resize_with(self.messages.len() + 1, message);
        self.messages.len() == BUNCH || self.bytes >= BUNCH_BYTES as u32
    }

    pub(super) fn end(&mut self) -> Option<Entry> {
        let mut messages = std::mem::take(&mut self.messages);
        self.bytes = 0;
        if messages.len() > 1 {
            self.size = messages.len() as u32;
            // Who keeps one delivery keeps the bunch.
            if messages.len() <= messages.capacity() / 4 {
                messages.shrink_to_fit();
            }
            return Some(Entry::own(self.number, messages));
        }
        let only = messages.pop()?;
        self.size = 1;
        Some(Entry::new(self.number, Run::one(only)))
    }
}
