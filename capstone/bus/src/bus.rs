//! [`Bus`]: the handle that everything starts from.

use std::{fmt, sync::Arc};

use crate::{
    Message, Overflow, Pattern, PatternError, PublishError, Receipt, Stats, SubscribeError, Subscription,
    SubscriptionBuilder,
    events::Events,
    mailbox::Patience,
    overflow::Settings,
    publish::Offered,
    router::Router,
    shared::{Counter, Shared},
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
/// in different orders. A queue group starts messages in order; its members finish them as they like.
///
/// # Closing
///
/// [`close`](Self::close), or dropping the last handle.
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
        self.shared.events.close();
        self.shared.router.close();
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
        BusBuilder { defaults: Settings::default() }
    }

    /// Offers the message to the mailbox of every subscription that matches, and waits for the full ones that block.
    ///
    /// `Ok` means offered, not handled; no subscription is `Ok` too. The first poll offers to every mailbox, so nobody
    /// waits for somebody else's slow subscriber except the publisher: it awaits all full mailboxes at once, each for
    /// at most its own timeout.
    ///
    /// # Errors
    ///
    /// The bus is closed. Nobody got the message, and the error gives it back.
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
    pub async fn publish(&self, message: Message) -> Result<Receipt, PublishError> {
        let offered = self.offer(message, Patience::Wait)?;
        // Behind the offer, so that the order of messages is the order of first polls.
        tokio::task::consume_budget().await;
        Ok(offered.settle().await)
    }

    /// Like [`publish`](Self::publish), and never waits: a full mailbox that blocks drops its copy, even when others
    /// wait for a place. Works anywhere, also in `Drop`.
    ///
    /// # Errors
    ///
    /// The bus is closed. Nobody got the message, and the error gives it back.
    pub fn try_publish(&self, message: Message) -> Result<Receipt, PublishError> {
        Ok(self.offer(message, Patience::Never)?.receipt())
    }

    fn offer(&self, message: Message, patience: Patience) -> Result<Offered, PublishError> {
        let shared = &self.handle.shared;
        let offered = Offered::offer(&shared.router, message, patience)?;
        shared.published.add_one();
        if offered.is_unmatched() {
            shared.unmatched.add_one();
        }
        Ok(offered)
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
    pub fn close(&self) {
        self.handle.shared.events.close();
        self.handle.shared.router.close();
    }

    /// Whether the bus takes no messages any more.
    pub fn is_closed(&self) -> bool {
        self.handle.shared.router.is_closed()
    }

    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.handle.shared
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
#[derive(Clone, Copy, Debug)]
#[must_use = "does nothing until it is built"]
pub struct BusBuilder {
    defaults: Settings,
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

    /// Makes the bus.
    pub fn build(self) -> Bus {
        let shared = Shared {
            router: Router::new(),
            defaults: self.defaults,
            published: Counter::default(),
            unmatched: Counter::default(),
            events: Events::new(),
        };
        Bus { handle: Arc::new(Handle { shared: Arc::new(shared) }) }
    }
}
