//! [`Publisher`]: the fast way to publish on one topic.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;

use crate::base::turn::poll_turn;
use crate::mailbox::log::Scratch;
use crate::mailbox::mailbox::Mailbox;
use crate::mailbox::offer::Patience;
use crate::message::batch_slice::Run;
use crate::publish::gate::loggable;
use crate::publish::offered::{How, Offered, Settle};
use crate::publish::receipt::Refusal;
use crate::publish::reentry;
use crate::router::logs::Feed;
use crate::router::outlet::Origin;
use crate::router::router::{Closed, Route};
use crate::shared::published::Tally;
use crate::{BatchError, Bus, Message, PublishError, Receipt, Topic};

/// Publishes on one topic, and remembers who wants it; made by [`Bus::publisher`].
///
/// As long as no subscription comes or goes that could concern the topic, a publish asks two counters and goes straight
/// to the mailbox, or to the log that the mailboxes follow. Everything else is as with [`Bus::publish`]. What it has published arrives in this order.
///
/// Headers and whole messages go by [`publish_with`](Self::publish_with) and [`publish_message`](Self::publish_message), and
/// whoever has a stream of payloads makes it a [sink](Self::into_sink).
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
/// publisher.publish("order 1").await?.all_enqueued()?;
/// publisher.publish_batch(["order 2", "order 3"]).await?.all_enqueued()?;
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
    topics: Vec<Topic>,
    is_reserved: bool,
    /// As of the last publish. Keeps the mailboxes that it names in memory, though not what was in them.
    route: Route,
    way: Way,
    scratch: Scratch,
    published: Tally,
}

/// How a message gets to those who match.
#[derive(Debug)]
enum Way {
    /// There is one mailbox and nobody else: most topics have one subscriber.
    Only(Arc<Mailbox>),
    Log(Arc<Feed>),
    Each,
}

/// What has become of a message without further ado.
enum Fast {
    /// Everybody has it who matches.
    Done(Receipt),
    /// It lies in the log, and so many have it; the others are to be offered it.
    Logged(usize),
    /// It is where it was.
    No,
}

/// Copies of a topic, and for how many messages in a row each is used. A message counts its topic up when it is made, and down
/// when it is freed; with several, one processor seldom counts where another does.
const TOPICS: u64 = 8;
const PER_TOPIC: u64 = 16;

impl Publisher {
    pub(crate) fn new(bus: Bus, topic: Topic) -> Self {
        Self {
            is_reserved: topic.is_reserved(),
            topics: vec![topic],
            published: bus.shared().published.tally(),
            bus,
            route: Route::outdated(),
            way: Way::Each,
            scratch: Scratch::default(),
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

    /// [`Bus::try_publish`] on this topic, without headers.
    ///
    /// # Errors
    ///
    /// As [`Bus::try_publish`].
    pub fn try_publish(&mut self, payload: impl Into<Bytes>) -> Result<Receipt, PublishError> {
        Ok(self.offer_new(payload.into(), Patience::Never)?.receipt())
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

    /// The usual case: the message is made in the one mailbox that gets it, or in the log of those that do.
    #[inline(always)]
    fn offer_fast(&mut self, payload: &mut Bytes) -> Fast {
        let shared = self.bus.shared();
        if self.is_reserved || !shared.router.is_current(&self.route) {
            return Fast::No;
        }
        // Taken out as late as it can be: behind the lock, what was written before is read without a stall.
        let copy = (self.published.count() / PER_TOPIC % TOPICS) as usize;
        if copy >= self.topics.len() {
            self.topics.push(Topic::new(self.topics[0].as_str()).expect("it is a topic"));
        }
        let topic = self.topics.get(copy).unwrap_or(&self.topics[0]);
        let bytes = payload.len();
        match &self.way {
            Way::Only(mailbox) => {
                let Some(place) = mailbox.place() else { return Fast::No };
                place.fill(bytes, || Message::new(topic.clone(), std::mem::take(payload)));
                self.published.add_one();
                Fast::Done(Receipt { matched: 1, enqueued: 1, dropped: 0 })
            }
            Way::Log(feed) if feed.log.is_followed() && !reentry::is_within() => {
                let message = || Message::new(topic.clone(), std::mem::take(payload));
                let followers = feed.log.publish(bytes, message, &mut self.scratch);
                self.scratch.now();
                if !self.scratch.apart.is_empty() || self.scratch.others_want_it {
                    return Fast::Logged(followers);
                }
                self.published.add_one();
                Fast::Done(Receipt { matched: followers, enqueued: followers, dropped: 0 })
            }
            Way::Log(_) | Way::Each => Fast::No,
        }
    }

    /// Offers what lies in the log to those who do not follow it.
    #[inline(never)]
    fn offer_rest(&mut self, followers: usize, patience: Patience) -> Result<Offered, PublishError> {
        let Way::Log(feed) = &self.way else { unreachable!("it has just been published there") };
        let (shared, matched) = (self.bus.shared(), &self.route.matched);
        let written = (followers, &mut self.scratch);
        let offered = Offered::offer_rest(&shared.router, matched, &feed.log, written, How::local(patience))?;
        self.published.add_one();
        shared.count_unmatched(&offered);
        Ok(offered)
    }

    /// The first pass for a payload.
    pub(super) fn offer_new(
        &mut self,
        mut payload: Bytes,
        patience: Patience,
    ) -> Result<Offered, PublishError> {
        match self.offer_fast(&mut payload) {
            Fast::Done(receipt) => Ok(Offered::done(receipt)),
            Fast::Logged(followers) => self.offer_rest(followers, patience),
            Fast::No => self.offer(Message::new(self.topic().clone(), payload), patience),
        }
    }

    /// The first pass for a message on this topic.
    pub(super) fn offer(
        &mut self,
        mut message: Message,
        patience: Patience,
    ) -> Result<Offered, PublishError> {
        if self.is_reserved {
            return self.bus.shared().offer(message, patience, Origin::LOCAL);
        }
        self.bus.shared().link(&mut message);
        let message = Run::one(message);
        self.offer_all(&message, patience).map_err(|refusal| refusal.of_one(message))
    }

    fn offer_batch(&mut self, messages: Run) -> Result<Offered, BatchError> {
        if self.is_reserved || messages.is_empty() {
            return self.bus.shared().offer_batch(messages.into_messages());
        }
        self.offer_all(&messages, Patience::Wait).map_err(|refusal| refusal.of_batch(messages))
    }

    fn offer_all(&mut self, messages: &Run, patience: Patience) -> Result<Offered, Refusal> {
        self.renew()?;
        let (shared, matched) = (self.bus.shared(), &self.route.matched);
        if patience == Patience::Wait {
            reentry::check([(matched, messages.len())])?;
        }
        let mut how = How::local(patience);
        if let (Way::Log(feed), Some(message)) = (&self.way, loggable(messages)) {
            if feed.log.is_followed() {
                let copy = || message.clone();
                let followers = feed.log.publish(message.payload.len(), copy, &mut self.scratch);
                self.scratch.now();
                return self.offer_rest(followers, patience).map_err(|_closed| Refusal::Closed);
            }
            how.source = feed.log.source();
            if self.published.count().is_multiple_of(FOLLOW_AFTER) {
                feed.log.follow_again();
            }
        }
        let offered = Offered::offer(&shared.router, matched, messages, how)?;
        self.published.add(messages.len());
        shared.count_unmatched(&offered);
        Ok(offered)
    }

    /// Looks who wants the topic, if that may have changed.
    fn renew(&mut self) -> Result<(), Refusal> {
        let router = &self.bus.shared().router;
        if router.is_current(&self.route) {
            return Ok(());
        }
        // Let go even if there is no other: it keeps mailboxes in memory.
        (self.route, self.way) = (Route::outdated(), Way::Each);
        self.scratch = Scratch::default();
        self.route = router.route(self.topic()).map_err(|Closed| Refusal::Closed)?;
        let matched = &self.route.matched;
        self.way = match matched.only() {
            Some(only) => Way::Only(Arc::clone(only)),
            None => router.logs.of(matched).map_or(Way::Each, |feed| {
                self.scratch.others_want_it = feed.leaves_out(matched);
                Way::Log(feed)
            }),
        };
        Ok(())
    }
}

/// Where nobody follows the log, everybody is asked again after so many messages.
const FOLLOW_AFTER: u64 = 16;

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
    /// Everybody has it.
    Done(Receipt),
    Settling(Settle),
    Over,
}

impl Future for Publish<'_> {
    type Output = Result<Receipt, PublishError>;

    #[inline(always)]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        let Stage::New(payload) = &mut this.stage else { return this.poll_again(cx) };
        match this.publisher.offer_fast(payload) {
            // Behind the offer, so that the order of messages is the order of first polls.
            Fast::Done(receipt) if poll_turn(cx).is_ready() => {
                this.stage = Stage::Over;
                Poll::Ready(Ok(receipt))
            }
            unusual => this.poll_unusual(unusual, cx),
        }
    }
}

impl Publish<'_> {
    #[cold]
    fn poll_unusual(&mut self, fast: Fast, cx: &mut Context<'_>) -> Poll<Result<Receipt, PublishError>> {
        let Self { publisher, stage } = self;
        let Stage::New(payload) = std::mem::replace(stage, Stage::Over) else { unreachable!("it is new") };
        *stage = match fast {
            Fast::Done(receipt) => Stage::Done(receipt),
            Fast::Logged(followers) => {
                Stage::Settling(publisher.offer_rest(followers, Patience::Wait)?.settle())
            }
            Fast::No => {
                let message = Message::new(publisher.topic().clone(), payload);
                Stage::Settling(publisher.offer(message, Patience::Wait)?.settle())
            }
        };
        self.poll_again(cx)
    }

    #[cold]
    fn poll_again(&mut self, cx: &mut Context<'_>) -> Poll<Result<Receipt, PublishError>> {
        let receipt = match &mut self.stage {
            Stage::Done(receipt) => {
                ready!(poll_turn(cx));
                *receipt
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
