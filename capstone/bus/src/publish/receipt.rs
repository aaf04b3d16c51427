//! [`Receipt`], [`PublishError`], [`BatchError`] and [`DroppedError`]: what a publisher learns.

use crate::Message;
use crate::message::batch_slice::Run;

/// What became of a message that was offered, or of all messages of a batch. `matched` is always `enqueued` plus
/// `dropped`.
///
/// ```
/// use std::time::Duration;
/// use capstone_bus::{Bus, Message, Overflow};
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let bus = Bus::new();
/// let timeout = Duration::from_secs(1);
/// let mut orders = bus.subscription("orders.*").capacity(1).overflow(Overflow::Block { timeout }).open()?;
///
/// // For who minds whether everybody has it.
/// bus.publish(Message::new("orders.created".parse()?, "order 1")).await?.all_enqueued()?;
/// let receipt = bus.publish(Message::new("orders.created".parse()?, "order 2")).await?;
/// assert_eq!(receipt.all_enqueued().unwrap_err().to_string(), "1 of 1 copies were dropped by full mailboxes");
///
/// // And for who does not: the subscriber sees the gap.
/// assert_eq!(orders.recv().await.unwrap().payload, "order 1");
/// let _ = bus.publish(Message::new("orders.created".parse()?, "order 3")).await?;
/// assert_eq!(orders.recv().await.unwrap().gap(), 1);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
#[must_use = "a full mailbox may have dropped the message: ask `all_enqueued`, or say `let _ =`"]
pub struct Receipt {
    /// Mailboxes that it was offered to. A queue group counts as one; nobody there is 0, and no error.
    pub matched: usize,
    /// Mailboxes that it was put into. It does not mean that anybody has handled it.
    pub enqueued: usize,
    /// Mailboxes that had no place for it, each by its own policy.
    pub dropped: usize,
}

impl Receipt {
    /// Whether every mailbox that matched has everything, for use with `?`. Nobody there is no error.
    ///
    /// # Errors
    ///
    /// A mailbox has dropped something. The others have it, and so publishing again makes duplicates.
    pub fn all_enqueued(self) -> Result<(), DroppedError> {
        let Self { matched, dropped, .. } = self;
        if dropped == 0 { Ok(()) } else { Err(DroppedError { dropped, matched }) }
    }

    /// That of more, too.
    pub(crate) fn add(&mut self, more: Self) {
        self.matched += more.matched;
        self.enqueued += more.enqueued;
        self.dropped += more.dropped;
    }
}

/// Full mailboxes have dropped something of what was published, each by its own [`Overflow`](crate::Overflow).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{dropped} of {matched} copies were dropped by full mailboxes")]
#[non_exhaustive]
pub struct DroppedError {
    /// Copies that were dropped: a mailbox is offered one of each message.
    pub dropped: usize,
    /// Copies that were offered.
    pub matched: usize,
}

/// Nothing was enqueued anywhere: publishing the same message again makes no duplicate.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PublishError {
    /// The bus takes no messages any more.
    #[error("publish to {}: the bus is closed", .0.topic)]
    Closed(Message),
    /// `$SYS` and `$DLQ` belong to the bus: subscribe to them, and leave the publishing to it.
    #[error("publish to {}: the topic is the bus's own", .0.topic)]
    Reserved(Message),
    /// A handler would wait for a place in its own full mailbox, and only it could make the place.
    ///
    /// Found out for a handler with a concurrency of one that publishes on its own task, and in a queue group while it is
    /// the only member. Longer cycles, publishes from tasks that it spawned, and a last other member that leaves during
    /// the wait are not seen: there the wait ends by the timeout of [`Block`](crate::Overflow::Block).
    #[error("publish to {}: the handler that publishes would wait for itself", .0.topic)]
    WouldDeadlock(Message),
    /// A [`Publisher`](crate::Publisher) is for one topic, and the message is on another one.
    #[error("publish to {}: the publisher is for another topic", .0.topic)]
    OtherTopic(Message),
}

impl PublishError {
    /// The message, given back.
    pub fn into_message(self) -> Message {
        match self {
            Self::Closed(message)
            | Self::Reserved(message)
            | Self::WouldDeadlock(message)
            | Self::OtherTopic(message) => message,
        }
    }

    /// The same, giving another message back.
    pub(crate) fn with_message(self, message: Message) -> Self {
        match self {
            Self::Closed(_) => Self::Closed(message),
            Self::Reserved(_) => Self::Reserved(message),
            Self::WouldDeadlock(_) => Self::WouldDeadlock(message),
            Self::OtherTopic(_) => Self::OtherTopic(message),
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
    /// At least one is for `$SYS` or `$DLQ`; see [`PublishError::Reserved`].
    #[error("publish {} messages: the topic of one is the bus's own", .0.len())]
    Reserved(Vec<Message>),
    /// See [`PublishError::WouldDeadlock`]: the own mailbox has no room for all of them.
    #[error("publish {} messages: the handler that publishes would wait for itself", .0.len())]
    WouldDeadlock(Vec<Message>),
}

impl BatchError {
    /// The messages, given back in their order.
    pub fn into_messages(self) -> Vec<Message> {
        match self {
            Self::Closed(messages) | Self::Reserved(messages) | Self::WouldDeadlock(messages) => messages,
        }
    }
}

/// Why messages are refused, before anybody has one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    Closed,
    Reserved,
    WouldDeadlock,
}

impl Refusal {
    pub(crate) fn of_one(self, message: Run) -> PublishError {
        let message = message.into_message();
        match self {
            Self::Closed => PublishError::Closed(message),
            Self::Reserved => PublishError::Reserved(message),
            Self::WouldDeadlock => PublishError::WouldDeadlock(message),
        }
    }

    pub(crate) fn of_batch(self, messages: Run) -> BatchError {
        let messages = messages.into_messages();
        match self {
            Self::Closed => BatchError::Closed(messages),
            Self::Reserved => BatchError::Reserved(messages),
            Self::WouldDeadlock => BatchError::WouldDeadlock(messages),
        }
    }
}
