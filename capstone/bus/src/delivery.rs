//! [`Delivery`]: a message on its way out of a mailbox.

use std::{ops::Deref, sync::Arc};

use crate::Message;

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

    fn deref(&self) -> &Message {
        &self.message
    }
}
