//! [`Bus::publish`] and its kind.

use crate::mailbox::offer::Patience;
use crate::publish::offered::Offered;
use crate::router::outlet::Origin;
use crate::{BatchError, Bus, Message, PublishError, Publisher, Receipt, Topic};

/// # Publishing
impl Bus {
    /// Offers the message to the mailbox of every subscription that matches, and waits for the full ones that block.
    ///
    /// `Ok` means offered, not handled; no subscription is `Ok` too. The first poll offers to every mailbox, so nobody
    /// waits for somebody else's slow subscriber except the publisher: it awaits all full mailboxes at once, each for
    /// at most its own timeout.
    ///
    /// # Errors
    ///
    /// The bus is closed, or the topic is one of its own (`$SYS`, `$DLQ`), or a handler would wait for itself. Nobody
    /// got the message, and the error gives it back.
    ///
    /// # Panics
    ///
    /// When it must wait, and not inside a Tokio runtime with time enabled. [`try_publish`](Self::try_publish) needs
    /// none.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its first poll, nobody gets the message. Dropped later, every mailbox with room has it, and the
    /// full ones that it was waiting for do not: there it counts as dropped. So after a cancelled publish, publishing
    /// again makes duplicates.
    // ANCHOR: publish
    pub async fn publish(&self, message: Message) -> Result<Receipt, PublishError> {
        let offered = self.offer(message, Patience::Wait, Origin::LOCAL)?;
        Ok(offered.settle().await)
    }
    // ANCHOR_END: publish

    /// Like [`publish`](Self::publish), and never waits: a full mailbox that blocks drops its copy, even when others
    /// wait for a place. Works anywhere, also in `Drop`.
    ///
    /// # Errors
    ///
    /// The bus is closed, or the topic is one of its own (`$SYS`, `$DLQ`). Nobody got the message, and the error gives
    /// it back.
    pub fn try_publish(&self, message: Message) -> Result<Receipt, PublishError> {
        Ok(self.offer(message, Patience::Never, Origin::LOCAL)?.receipt())
    }

    /// Publishes messages one behind the other, at little more than the cost of one: those that follow each other on
    /// one topic are offered to each mailbox under one lock. The receipt is that of all together. Their memory is
    /// freed when the last of them is dropped.
    ///
    /// Where a full mailbox blocks, the rest of the batch waits in its line; the timeout counts for the first of them,
    /// and anew whenever the consumer takes one.
    ///
    /// # Errors
    ///
    /// As [`publish`](Self::publish), for any of them. Nothing of the batch was enqueued anywhere, and the error gives
    /// all of it back.
    ///
    /// # Panics
    ///
    /// As [`publish`](Self::publish).
    ///
    /// # Cancel safety
    ///
    /// As [`publish`](Self::publish): the first poll offers everything to everybody. What still waits when the future
    /// is dropped counts as dropped.
    pub async fn publish_batch(
        &self,
        messages: impl IntoIterator<Item = Message>,
    ) -> Result<Receipt, BatchError> {
        let offered = self.shared().offer_batch(messages)?;
        Ok(offered.settle().await)
    }

    /// A handle that publishes on one topic, fast.
    pub fn publisher(&self, topic: Topic) -> Publisher {
        Publisher::new(self.clone(), topic)
    }

    pub(crate) fn offer(
        &self,
        message: Message,
        patience: Patience,
        origin: Origin,
    ) -> Result<Offered, PublishError> {
        self.shared().offer(message, patience, origin)
    }
}
