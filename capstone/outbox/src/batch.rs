//! The caller's side, as far as it is the same for every database.

use std::ops::Deref;

use crate::message::{Message, Seq};

/// What became of an enqueued message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Enqueued {
    /// It is a row now, and will be published if the transaction commits.
    New(Seq),
    /// A message with this id is pending, held or dead already: nothing was written.
    Skipped,
}

/// Whether this is the first time that a consumer sees a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Once {
    /// It is. It has been seen as soon as the transaction commits, and has not if it is rolled back.
    First,
    /// A committed transaction, or this one before, has seen it: acknowledge and do nothing.
    Repeat,
}

/// Messages that gather while a transaction does its work, to be written in one statement right before its commit.
///
/// On PostgreSQL a message with a key locks that key until the commit. Written last and together, the locks are short and
/// are taken in one order: two transactions with the same keys wait for each other, and cannot deadlock. Hand it to
/// `enqueue_many`; a batch that is dropped instead sends nothing.
#[derive(Clone, Debug, Default)]
#[must_use = "nothing is sent until it is handed to `enqueue_many`"]
pub struct OutboxBatch {
    messages: Vec<Message>,
}

impl OutboxBatch {
    /// An empty batch.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a message behind the others.
    pub fn push(&mut self, message: Message) {
        self.messages.push(message);
    }
}

impl Deref for OutboxBatch {
    type Target = [Message];

    fn deref(&self) -> &[Message] {
        &self.messages
    }
}

impl Extend<Message> for OutboxBatch {
    fn extend<T: IntoIterator<Item = Message>>(&mut self, messages: T) {
        self.messages.extend(messages);
    }
}
