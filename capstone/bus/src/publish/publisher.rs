//! [`Publisher`]: the fast way to publish on one topic.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;

use crate::base::turn::take_turn;
use crate::mailbox::mailbox::Patience;
use crate::message::batch_slice::Run;
use crate::publish::offered::Offered;
use crate::publish::receipt::Refusal;
use crate::publish::reentry;
use crate::router::outlet::Origin;
use crate::router::router::{Closed, Route};
use crate::{BatchError, Bus, Headers, Message, PublishError, Receipt, Topic};

/// Publishes on one topic, and remembers who wants it; made by [`Bus::publisher`].
///
/// As long as no subscription comes or goes that could concern the topic, a publish asks two counters and goes straight
/// to the mailboxes. Everything else is as with [`Bus::publish`]. What it has published arrives in this order.
///
/// It is a handle of the bus: the bus stays open while there is one. A clone remembers for itself.
///
/// ```
/// use capstone_bus::{Bus, Topic};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let bus = Bus::new();
/// let mut orders = bus.subscribe("orders.>")?;
///
/// let mut publisher = bus.publisher(Topic::new("orders.created")?);
/// publisher.publish("order 1").await?;
/// publisher.publish_batch(["order 2", "order 3"]).await?;
///
/// let mut batch = Vec::new();
/// assert_eq!(orders.recv_many(&mut batch, 10).await, 3);
/// assert_eq!(batch[2].payload, "order 3");
/// # Ok(())
/// # }
/// ```
pub struct Publisher {
    bus: Bus,
    topic: Topic,
    is_reserved: bool,
    /// As of the last publish. Keeps the mailboxes that it names in memory, though not what was in them.
    route: Route,
}

impl Publisher {
    pub(crate) fn new(bus: Bus, topic: Topic) -> Self {
        Self { is_reserved: topic.is_reserved(), bus, topic, route: Route::outdated() }
    }

    /// Where it publishes.
    pub fn topic(&self) -> &Topic {
        &self.topic
    }

    /// [`Bus::publish`] on this topic, without headers.
    ///
    /// # Errors
    ///
    /// As [`Bus::publish`].
    ///
    /// # Panics
    ///
    /// As [`Bus::publish`].
    ///
    /// # Cancel safety
    ///
    /// As [`Bus::publish`].
    pub async fn publish(&mut self, payload: impl Into<Bytes>) -> Result<Receipt, PublishError> {
        let message = Arc::new(Message::new(self.topic.clone(), payload));
        self.publish_message(message).await
    }

    /// [`Bus::publish`] on this topic.
    ///
    /// # Errors
    ///
    /// As [`Bus::publish`].
    ///
    /// # Panics
    ///
    /// As [`Bus::publish`].
    ///
    /// # Cancel safety
    ///
    /// As [`Bus::publish`].
    pub async fn publish_with(
        &mut self,
        headers: Headers,
        payload: impl Into<Bytes>,
    ) -> Result<Receipt, PublishError> {
        let message = Arc::new(Message::new(self.topic.clone(), payload).with_headers(headers));
        self.publish_message(message).await
    }

    #[inline]
    async fn publish_message(&mut self, message: Arc<Message>) -> Result<Receipt, PublishError> {
        match self.place(message) {
            Ok(receipt) => {
                take_turn().await;
                Ok(receipt)
            }
            Err(message) => Ok(self.offer(Run::One(message), Patience::Wait)?.settle().await),
        }
    }

    /// [`Bus::try_publish`] on this topic, without headers.
    ///
    /// # Errors
    ///
    /// As [`Bus::try_publish`].
    pub fn try_publish(&mut self, payload: impl Into<Bytes>) -> Result<Receipt, PublishError> {
        match self.place(Arc::new(Message::new(self.topic.clone(), payload))) {
            Ok(receipt) => Ok(receipt),
            Err(message) => Ok(self.offer(Run::One(message), Patience::Never)?.receipt()),
        }
    }

    /// [`Bus::publish_batch`] on this topic, without headers: one lock per mailbox.
    /// [`recv_batch`](crate::Subscription::recv_batch) is its other end.
    ///
    /// # Errors
    ///
    /// As [`Bus::publish_batch`].
    ///
    /// # Panics
    ///
    /// As [`Bus::publish`].
    ///
    /// # Cancel safety
    ///
    /// As [`Bus::publish_batch`].
    pub async fn publish_batch<P: Into<Bytes>>(
        &mut self,
        payloads: impl IntoIterator<Item = P>,
    ) -> Result<Receipt, BatchError> {
        let messages = payloads.into_iter().map(|payload| Message::new(self.topic.clone(), payload));
        let offered = self.offer_batch(messages.collect())?;
        Ok(offered.settle().await)
    }

    /// Most topics have one subscriber: the message goes into its mailbox, and nothing else is to be done. Gives it back
    /// when it is not so.
    #[inline]
    fn place(&mut self, message: Arc<Message>) -> Result<Receipt, Arc<Message>> {
        let shared = self.bus.shared();
        if self.is_reserved || !shared.router.is_current(&self.route) {
            return Err(message);
        }
        let Some(mailbox) = self.route.matched.only() else { return Err(message) };
        mailbox.place(message)?;
        shared.published.add_one();
        Ok(Receipt { matched: 1, enqueued: 1, dropped: 0 })
    }

    fn offer(&mut self, message: Run, patience: Patience) -> Result<Offered, PublishError> {
        if self.is_reserved {
            return self.bus.shared().offer(message.into_message(), patience, Origin::LOCAL);
        }
        self.offer_all(&message, patience).map_err(|refusal| refusal.of_one(message))
    }

    fn offer_batch(&mut self, messages: Run) -> Result<Offered, BatchError> {
        if self.is_reserved || messages.is_empty() {
            return self.bus.shared().offer_batch(messages.into_messages());
        }
        self.offer_all(&messages, Patience::Wait).map_err(|refusal| refusal.of_batch(messages))
    }

    fn offer_all(&mut self, messages: &Run, patience: Patience) -> Result<Offered, Refusal> {
        let shared = self.bus.shared();
        if !shared.router.is_current(&self.route) {
            // Let go even if there is no other: it keeps mailboxes in memory.
            self.route = Route::outdated();
            self.route = shared.router.route(&self.topic).map_err(|Closed| Refusal::Closed)?;
        }
        let matched = &self.route.matched;
        if patience == Patience::Wait {
            reentry::check([(matched, messages.len())])?;
        }
        let offered = Offered::offer(&shared.router, matched, messages, patience, Origin::LOCAL);
        shared.counted(messages.len(), offered)
    }
}

impl Clone for Publisher {
    fn clone(&self) -> Self {
        Self::new(self.bus.clone(), self.topic.clone())
    }
}

impl fmt::Debug for Publisher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Publisher")
            .field("topic", &self.topic)
            .field("bus", &self.bus)
            .finish_non_exhaustive()
    }
}
