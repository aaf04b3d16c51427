//! [`Lease`]: messages in a row that one receiver hands out.

use std::sync::Arc;

use crate::Message;
use crate::message::batch_slice::Run;
use crate::message::slot::Chunk;

/// Counted for its receiver alone: each delivery goes this count up and down, and nobody else's processor has it.
#[derive(Debug)]
pub(crate) enum Lease {
    /// Nobody else has them.
    Own(Vec<Message>),
    /// They were published together: those of the batch from this place on.
    Batch(Arc<[Message]>, usize),
    /// They lie in a log.
    Chunk(Arc<Chunk>),
}

impl Lease {
    #[inline]
    pub(crate) fn get(&self, at: usize) -> &Message {
        match self {
            Self::Own(messages) => &messages[at],
            Self::Batch(messages, first) => &messages[first + at],
            Self::Chunk(chunk) => chunk[at].get(),
        }
    }

    /// Those from one place to another, if they were published together.
    pub(crate) fn together(&self, at: usize, end: usize) -> Option<Run> {
        match self {
            Self::Own(_) | Self::Chunk(_) => None,
            Self::Batch(messages, first) => Some(Run::part(messages, first + at, first + end)),
        }
    }
}
