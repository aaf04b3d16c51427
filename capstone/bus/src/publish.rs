//! [`Receipt`], [`PublishError`] and [`BatchError`]: what a publisher learns.

use std::sync::Arc;

use crate::Message;

/// What became of a message that was offered, or of all messages of a batch. `matched` is always `enqueued` plus
/// `dropped`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Receipt {
    /// Mailboxes that it was offered to. A queue group counts as one; nobody there is 0, and no error.
    pub matched: usize,
    /// Mailboxes that it was put into. It does not mean that anybody has handled it.
    pub enqueued: usize,
    /// Mailboxes that had no place for it, each by its own policy.
    pub dropped: usize,
}

/// Nothing was enqueued anywhere: publishing the same message again makes no duplicate.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PublishError {
    /// The bus takes no messages any more.
    #[error("publish to {}: the bus is closed", .0.topic)]
    Closed(Message),
}

impl PublishError {
    /// The message, given back.
    pub fn into_message(self) -> Message {
        match self {
            Self::Closed(message) => message,
        }
    }
}

/// Nothing of the batch was enqueued anywhere: publishing it again makes no duplicate.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BatchError {
    /// The bus takes no messages any more.
    #[error("publish {} messages: the bus is closed", .0.len())]
    Closed(Vec<Message>),
}

impl BatchError {
    pub(crate) fn closed(messages: Vec<Arc<Message>>) -> Self {
        Self::Closed(messages.into_iter().map(Arc::unwrap_or_clone).collect())
    }

    /// The messages, given back in their order.
    pub fn into_messages(self) -> Vec<Message> {
        match self {
            Self::Closed(messages) => messages,
        }
    }
}
