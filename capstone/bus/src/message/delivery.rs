//! [`Delivery`]: a message on its way out of a mailbox.

use std::ops::Deref;

use crate::Message;
use crate::message::batch_slice::Run;

/// A message as one subscription got it; dereferences to the [`Message`].
#[derive(Clone, Debug)]
pub struct Delivery {
    run: Run,
    /// Where it is in its batch.
    at: usize,
    gap: u64,
}

impl Delivery {
    #[inline]
    pub(crate) fn new(run: Run, at: usize, gap: u64) -> Self {
        Self { run, at, gap }
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

    /// The message itself; copied only while another subscription still has it, or if it was published in a batch.
    pub fn into_message(self) -> Message {
        self.run.into_message_at(self.at)
    }
}

impl Deref for Delivery {
    type Target = Message;

    #[inline]
    fn deref(&self) -> &Message {
        self.run.at(self.at)
    }
}

/// Messages that were published together, as one subscription got them; dereferences to a slice of them, which is never
/// empty.
#[derive(Clone, Debug)]
pub struct Deliveries {
    run: Run,
    gap: u64,
}

impl Deliveries {
    pub(crate) fn new(run: Run, at: usize, gap: u64) -> Self {
        Self { run: run.behind(at), gap }
    }

    /// As [`Delivery::gap`], in front of the first of them. Between them nothing is missing.
    pub fn gap(&self) -> u64 {
        self.gap
    }
}

impl From<Delivery> for Deliveries {
    fn from(Delivery { run, at, gap }: Delivery) -> Self {
        let (one, _behind) = run.behind(at).split_at(1);
        Self { run: one.expect("a delivery has a message"), gap }
    }
}

impl Deref for Deliveries {
    type Target = [Message];

    #[inline]
    fn deref(&self) -> &[Message] {
        &self.run
    }
}

impl<'a> IntoIterator for &'a Deliveries {
    type Item = &'a Message;
    type IntoIter = std::slice::Iter<'a, Message>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
