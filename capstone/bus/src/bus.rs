//! [`Bus`]: the handle that everything starts from.

use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use crate::Overflow;
use crate::base::clock::Clock;
use crate::base::counter::Counter;
use crate::events::{Events, EventsBuilder, Strategy};
use crate::mailbox::overflow::Settings;
use crate::router::router::Router;
use crate::shared::handlers::Handlers;
use crate::shared::progress::Progress;
use crate::shared::published::Published;
use crate::shared::replies::Replies;
use crate::shared::settling::Settling;
use crate::shared::shared::Shared;

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
/// unless the group has [keys](crate::SubscriptionBuilder::keyed_by_header).
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

    /// What happens to the other handlers of an [event](crate::events) when one has failed; they are called all the same
    /// without this. See also [`with_strategy`](Events::with_strategy).
    pub fn strategy(mut self, strategy: Strategy) -> Self {
        self.events = self.events.strategy(strategy);
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
            events: self.events.with_clock(self.clock.clone()).build(),
            clock: self.clock,
            replies: Replies::default(),
            settling: Settling::default(),
            handlers: Handlers::default(),
            progress: Progress::default(),
            published: Published::default(),
            unmatched: Counter::default(),
            dead_letters: Counter::default(),
            dead_letters_lost: Counter::default(),
        };
        Bus { handle: Arc::new(Handle { shared: Arc::new(shared) }) }
    }
}
