//! [`Delivery`]: a message on its way out of a mailbox.

use std::ops::Deref;
use std::sync::Arc;

use crate::Message;
use crate::run::Run;

/// A message as one subscription got it; dereferences to the [`Message`].
#[derive(Clone, Debug)]
pub struct Delivery {
    message: Arc<Message>,
    gap: u64,
}

impl Delivery {
    pub(crate) fn new(message: Arc<Message>, gap: u64) -> Self {
        Self { message, gap }
    }

    /// As it is handed out behind others that were not: what was missing there is missing here.
    pub(crate) fn with_missing(self, missing: u64) -> Self {
        Self { gap: self.gap + missing, ..self }
    }

    /// How many messages were offered to this mailbox between the one handed out before and this one, and were
    /// dropped. 0 means that nothing is missing here.
    ///
    /// In a queue group the one before may have gone to another member. Where messages have
    /// [keys](crate::SubscriptionBuilder::keyed_by_header) and pass each other, it is how many were dropped since then.
    pub fn gap(&self) -> u64 {
        self.gap
    }

    /// The message itself; copied only while another subscription still has it.
    pub fn into_message(self) -> Message {
        Arc::unwrap_or_clone(self.message)
    }
}

impl Deref for Delivery {
    type Target = Message;

    #[inline]
    fn deref(&self) -> &Message {
        &self.message
    }
}

/// Messages that were published together, as one subscription got them.
#[derive(Clone, Debug)]
pub struct Deliveries {
    run: Run,
    gap: u64,
}

impl Deliveries {
    pub(crate) fn new(run: Run, gap: u64) -> Self {
        Self { run, gap }
    }

    /// As [`Delivery::gap`], in front of the first of them. Between them nothing is missing.
    pub fn gap(&self) -> u64 {
        self.gap
    }

    /// How many they are: one or more.
    #[expect(clippy::len_without_is_empty, reason = "it never is")]
    pub fn len(&self) -> usize {
        self.run.len()
    }

    /// The messages, in their order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Message> {
        self.run.iter().map(|message| &**message)
    }
}

impl From<Delivery> for Deliveries {
    fn from(delivery: Delivery) -> Self {
        Self { run: Run::One(delivery.message), gap: delivery.gap }
    }
}
