//! [`Bus`]: the handle that everything starts from.

use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use crate::clock::Clock;
use crate::events::{Events, EventsBuilder};
use crate::handlers::Handlers;
use crate::mailbox::Patience;
use crate::offered::Offered;
use crate::outlet::Origin;
use crate::overflow::Settings;
use crate::replies::Replies;
use crate::router::Router;
use crate::settling::Settling;
use crate::shared::{Counter, Shared};
use crate::shutdown::Progress;
use crate::{
    BatchError, Message, Overflow, Pattern, PatternError, PublishError, Publisher, Receipt, Stats,
    SubscribeError, Subscription, SubscriptionBuilder, Topic,
};

/// An in-process message bus. Cheap to clone; all clones are one bus.
///
/// It has no task of its own and nothing to run, and can be made without a runtime: publishers put messages into the
/// mailboxes of subscriptions, subscribers take them out.
///
/// # Order
///
/// What one task publishes one after another arrives in that order at every subscription, also across topics that one
/// pattern matches. Between publishers nothing is promised: two subscriptions may see the messages of two publishers
/// in different orders. A queue group starts messages in order; its members finish them as they like,
/// unless the group has [keys](SubscriptionBuilder::keyed_by_header).
///
/// # Closing
///
/// [`close`](Self::close), or dropping the last handle. [`shutdown`](Self::shutdown) also waits until everybody has
/// finished.
#[derive(Clone)]
pub struct Bus {
    handle: Arc<Handle>,
}

/// Shared by the handles only: its end is the end of the last one. Subscriptions keep what is inside.
struct Handle {
    shared: Arc<Shared>,
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.shared.close();
    }
}

impl Bus {
    /// A bus whose subscriptions have room for 1,024 messages and block for at most a second, unless they say
    /// otherwise.
    pub fn new() -> Self {
        Self::builder().build()
    }

    /// A bus with other defaults.
    pub fn builder() -> BusBuilder {
        BusBuilder { defaults: Settings::default(), clock: Clock::default(), events: Events::builder() }
    }

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
        self.handle.shared.offer(message, patience, origin)
    }

    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.handle.shared
    }

    /// Subscribes with the defaults of the bus: every message published after this returned is offered to it.
    ///
    /// # Errors
    ///
    /// The pattern is none, or the bus is closed.
    pub fn subscribe<P>(&self, pattern: P) -> Result<Subscription, SubscribeError>
    where
        P: TryInto<Pattern, Error: Into<PatternError>>,
    {
        self.subscription(pattern).open()
    }

    /// A subscription with options.
    pub fn subscription<P>(&self, pattern: P) -> SubscriptionBuilder
    where
        P: TryInto<Pattern, Error: Into<PatternError>>,
    {
        SubscriptionBuilder::new(Arc::clone(&self.handle.shared), pattern.try_into().map_err(Into::into))
    }

    /// What was counted so far.
    pub fn stats(&self) -> Stats {
        Stats::of(&self.handle.shared)
    }

    /// Refuses new messages, events and subscriptions from now on. What is queued, or already waits for a place, still
    /// arrives; then the streams end. Closing twice is closing once.
    ///
    /// The streams of `$DLQ.…` end last, after the handlers of topics that may still publish dead letters. A
    /// [shutdown](Self::shutdown) keeps them open for the handlers of events, too.
    pub fn close(&self) {
        self.handle.shared.close();
    }

    /// Whether the bus takes no messages any more.
    pub fn is_closed(&self) -> bool {
        self.handle.shared.router.is_closed()
    }

    #[cfg(feature = "bridge")]
    pub(crate) fn downgrade(&self) -> WeakBus {
        WeakBus(Arc::downgrade(&self.handle))
    }
}

/// A bus that is not kept open.
#[cfg(feature = "bridge")]
#[derive(Clone)]
pub(crate) struct WeakBus(std::sync::Weak<Handle>);

#[cfg(feature = "bridge")]
impl WeakBus {
    pub(crate) fn upgrade(&self) -> Option<Bus> {
        self.0.upgrade().map(|handle| Bus { handle })
    }
}

impl Default for Bus {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Bus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bus").field("closed", &self.is_closed()).finish_non_exhaustive()
    }
}

/// Defaults for the subscriptions of a bus; made by [`Bus::builder`].
#[derive(Clone, Debug)]
#[must_use = "does nothing until it is built"]
pub struct BusBuilder {
    defaults: Settings,
    clock: Clock,
    events: EventsBuilder,
}

impl BusBuilder {
    /// How many messages may be queued per subscription; 1,024 without this. With 0, every subscription that does not
    /// choose its own capacity is an error.
    pub fn capacity(mut self, messages: usize) -> Self {
        self.defaults.capacity = messages;
        self
    }

    /// What a full mailbox does; blocks for at most a second without this.
    pub fn overflow(mut self, overflow: Overflow) -> Self {
        self.defaults.overflow = overflow;
        self
    }

    /// How many [events](crate::events) that were emitted and forgotten may be under way at a time; 1,024 without this.
    /// With 0, none.
    pub fn forgotten_max(mut self, events: usize) -> Self {
        self.events = self.events.forgotten_max(events);
        self
    }

    /// Where the bus reads the wall time, which stands in dead letters; the system's without this. A panic is taken for
    /// 1970.
    pub fn clock(mut self, now: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        self.clock = Clock::new(now);
        self
    }

    /// Makes the bus.
    pub fn build(self) -> Bus {
        let shared = Shared {
            router: Router::new(),
            defaults: self.defaults,
            clock: self.clock,
            replies: Replies::default(),
            settling: Settling::default(),
            handlers: Handlers::default(),
            progress: Progress::default(),
            published: Counter::default(),
            unmatched: Counter::default(),
            events: self.events.build(),
            dead_letters: Counter::default(),
            dead_letters_lost: Counter::default(),
        };
        Bus { handle: Arc::new(Handle { shared: Arc::new(shared) }) }
    }
}
