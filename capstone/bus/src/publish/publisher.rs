//! [`Publisher`]: the fast way to publish on one topic.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;

use crate::base::turn::poll_turn;
use crate::mailbox::mailbox::Patience;
use crate::message::batch_slice::Run;
use crate::publish::offered::{Offered, Settle};
use crate::publish::receipt::Refusal;
use crate::publish::reentry;
use crate::router::outlet::Origin;
use crate::router::router::{Closed, Route};
use crate::shared::published::Tally;
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
    /// The same, each with a text of its own.
    topics: [Topic; TOPICS as usize],
    is_reserved: bool,
    /// As of the last publish. Keeps the mailboxes that it names in memory, though not what was in them.
    route: Route,
    published: Tally,
}

/// Copies of a topic, and for how many messages in a row each is used. A message counts its topic up when it is made, and down
/// when it is freed; with several, one processor seldom counts where another does.
const TOPICS: u64 = 8;
const PER_TOPIC: u64 = 16;

impl Publisher {
    pub(crate) fn new(bus: Bus, topic: Topic) -> Self {
        let copy = |_| Topic::new(topic.as_str()).expect("it is a topic");
        Self {
            topics: std::array::from_fn(copy),
            is_reserved: topic.is_reserved(),
            published: bus.shared().published.tally(),
            bus,
            route: Route::outdated(),
        }
    }

    /// Where it publishes.
    pub fn topic(&self) -> &Topic {
        &self.topics[0]
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
    #[inline(always)]
    pub fn publish(&mut self, payload: impl Into<Bytes>) -> Publish<'_> {
        Publish { publisher: self, stage: Stage::New(payload.into()) }
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
        let message = Message::new(self.topic().clone(), payload).with_headers(headers);
        Ok(self.offer(Run::one(message), Patience::Wait)?.settle().await)
    }

    /// [`Bus::try_publish`] on this topic, without headers.
    ///
    /// # Errors
    ///
    /// As [`Bus::try_publish`].
    pub fn try_publish(&mut self, payload: impl Into<Bytes>) -> Result<Receipt, PublishError> {
        let mut payload = payload.into();
        if self.place(&mut payload) {
            return Ok(PLACED);
        }
        Ok(self.offer(self.message(payload), Patience::Never)?.receipt())
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
        let messages = payloads.into_iter().map(|payload| Message::new(self.topic().clone(), payload));
        let offered = self.offer_batch(messages.collect())?;
        Ok(offered.settle().await)
    }

    /// Most topics have one subscriber: the message is made in its mailbox, and nothing else is to be done. Says no when it
    /// is not so, and leaves the payload alone.
    #[inline(always)]
    fn place(&mut self, payload: &mut Bytes) -> bool {
        let shared = self.bus.shared();
        if self.is_reserved || !shared.router.is_current(&self.route) {
            return false;
        }
        let Some(mailbox) = self.route.matched.only() else { return false };
        let Some(place) = mailbox.place() else { return false };
        // Taken out as late as it can be: behind the lock, what was written before is read without a stall.
        let topic = &self.topics[(self.published.count() / PER_TOPIC % TOPICS) as usize];
        place.fill(payload.len(), || Message::new(topic.clone(), std::mem::take(payload)));
        self.published.add_one();
        true
    }

    fn message(&self, payload: Bytes) -> Run {
        Run::one(Message::new(self.topic().clone(), payload))
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
            self.route = shared.router.route(self.topic()).map_err(|Closed| Refusal::Closed)?;
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
        Self::new(self.bus.clone(), self.topic().clone())
    }
}

impl fmt::Debug for Publisher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Publisher")
            .field("topic", self.topic())
            .field("bus", &self.bus)
            .finish_non_exhaustive()
    }
}

/// The receipt of a message that one mailbox has.
const PLACED: Receipt = Receipt { matched: 1, enqueued: 1, dropped: 0 };

/// What [`Publisher::publish`] returns.
///
/// By hand and not an `async fn`, so that the usual case stays in registers.
#[must_use = "futures do nothing unless polled"]
pub struct Publish<'a> {
    publisher: &'a mut Publisher,
    stage: Stage,
}

enum Stage {
    New(Bytes),
    /// Offered to everybody.
    Placed,
    Settling(Settle),
    Over,
}

impl Future for Publish<'_> {
    type Output = Result<Receipt, PublishError>;

    #[inline(always)]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        if let Stage::New(payload) = &mut this.stage
            && this.publisher.place(payload)
        {
            // Behind the offer, so that the order of messages is the order of first polls.
            if poll_turn(cx).is_ready() {
                this.stage = Stage::Over;
                return Poll::Ready(Ok(PLACED));
            }
            this.stage = Stage::Placed;
            return Poll::Pending;
        }
        this.poll_unusual(cx)
    }
}

impl Publish<'_> {
    #[cold]
    fn poll_unusual(&mut self, cx: &mut Context<'_>) -> Poll<Result<Receipt, PublishError>> {
        if let Stage::New(payload) = &mut self.stage {
            let message = self.publisher.message(std::mem::take(payload));
            self.stage = Stage::Over;
            self.stage = Stage::Settling(self.publisher.offer(message, Patience::Wait)?.settle());
        }
        let receipt = match &mut self.stage {
            Stage::Placed => {
                ready!(poll_turn(cx));
                PLACED
            }
            Stage::Settling(settle) => ready!(Pin::new(settle).poll(cx)),
            Stage::New(_) | Stage::Over => panic!("polled after it was ready"),
        };
        self.stage = Stage::Over;
        Poll::Ready(Ok(receipt))
    }
}

impl fmt::Debug for Publish<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Publish").field("publisher", &self.publisher).finish_non_exhaustive()
    }
}
