//! [`SubscriptionBuilder`]: a subscription with options.

use std::hash::Hash;
use std::sync::Arc;

use crate::mailbox::filter::Filter;
use crate::mailbox::key::KeyedBy;
use crate::mailbox::overflow::Settings;
use crate::mailbox::spec::Spec;
use crate::shared::shared::Shared;
use crate::{Bus, Message, Overflow, Pattern, PatternError, SubscribeError, Subscription};

/// # Subscribing
impl Bus {
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
        SubscriptionBuilder::new(Arc::clone(self.shared()), pattern.try_into().map_err(Into::into))
    }
}

/// Options of a subscription; made by [`Bus::subscription`](crate::Bus::subscription), ends with
/// [`open`](Self::open).
#[derive(Debug)]
#[must_use = "does nothing until it is opened"]
pub struct SubscriptionBuilder {
    shared: Arc<Shared>,
    pattern: Result<Pattern, PatternError>,
    settings: Settings,
    group: Option<Arc<str>>,
    name: Option<Arc<str>>,
    filter: Option<Filter>,
}

impl SubscriptionBuilder {
    pub(crate) fn new(shared: Arc<Shared>, pattern: Result<Pattern, PatternError>) -> Self {
        let settings = shared.defaults.clone();
        Self { shared, pattern, settings, group: None, name: None, filter: None }
    }

    /// How many messages may be queued; at least one. Without this, the default of the bus.
    pub fn capacity(mut self, messages: usize) -> Self {
        self.settings.capacity = messages;
        self
    }

    /// What happens to a message that finds the mailbox full. Without this, the default of the bus.
    pub fn overflow(mut self, overflow: Overflow) -> Self {
        self.settings.overflow = overflow;
        self
    }

    /// Makes the subscription a member of a queue group: each message goes to one of its members.
    ///
    /// The members with one pattern share one mailbox and pull from it, so that the one who has time gets the next
    /// message, and a member that is dropped leaves nothing behind that nobody gets. A group is known by its name:
    /// when it has members with several patterns that match, one of their mailboxes gets the message, the emptiest that
    /// has room. Only when none has, a full one decides by its [`Overflow`]: one that blocks, if there is one, where the
    /// message waits for a place in any of them.
    pub fn queue(mut self, group: impl Into<Arc<str>>) -> Self {
        self.group = Some(group.into());
        self
    }

    /// One message per key at a time: while a member works on a message, the others get none with the same value of this
    /// header. A message without the header is free. Of several headers with that name, the first counts.
    ///
    /// Then the members finish the messages of a key in the order in which they were offered, which a queue group does
    /// not promise otherwise.
    ///
    /// - A key is *busy* from the moment in which a message of it is received until that member receives again, or is
    ///   dropped; [`recv_many`](Subscription::recv_many) takes at most one message per key. For a
    ///   [handler](crate::Bus::topic_handler) it is busy until the handler has finished, with all attempts. A task that
    ///   you give the message to is not waited for.
    /// - A message of a busy key is passed by later ones of other keys. It keeps its place in the mailbox: when all that
    ///   is queued is of busy keys, a full mailbox is full, and its [`Overflow`] decides. `DropOldest` drops the oldest,
    ///   whatever its key. The [gap](crate::Delivery::gap) of a message is then what was dropped since the one handed
    ///   out before.
    /// - The promise is that of one mailbox. Where one message matches several patterns of a group, or NATS clients are
    ///   members, messages of one key may be worked on side by side.
    /// - All members must have the same key, or none.
    ///
    /// Without a queue group it only matters to a handler with a concurrency.
    ///
    /// ```
    /// use capstone_bus::{Bus, Message};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let bus = Bus::new();
    /// let member = || bus.subscription("orders.*").queue("billing").keyed_by_header("order-id").open();
    /// let (mut first, mut second) = (member()?, member()?);
    ///
    /// for (topic, order) in [("orders.created", "7"), ("orders.paid", "7"), ("orders.created", "8")] {
    ///     bus.try_publish(Message::new(topic.parse()?, "").with_header("order-id", order)?)?.all_enqueued()?;
    /// }
    /// assert_eq!(first.try_recv()?.topic.as_str(), "orders.created");
    ///
    /// // Order 7 is busy, so the second member gets order 8, and no more.
    /// assert_eq!(second.try_recv()?.headers().get("order-id"), Some("8"));
    /// assert!(second.try_recv().is_err());
    ///
    /// // The first has finished with order 7.
    /// assert_eq!(first.try_recv()?.topic.as_str(), "orders.paid");
    /// # Ok(())
    /// # }
    /// ```
    pub fn keyed_by_header(mut self, name: impl Into<Box<str>>) -> Self {
        self.settings.keyed_by = Some(KeyedBy::header(name.into()));
        self
    }

    /// As [`keyed_by_header`](Self::keyed_by_header), with a key that this says; a message that has none is free. The
    /// last one that is set counts, be it a header or a function.
    ///
    /// It is asked when a member comes to the message, on the member's task, so publishers never wait for it. Two members
    /// that come to the same message may both ask; the first answer counts. A panic loses this message: it counts as
    /// filtered. Keys are told apart by a hash of 64 bits; should two share it, they take turns.
    ///
    /// All members of a group must be given the same function: one `fn`, or a closure of one place in the code. What a
    /// closure has captured cannot be compared; there the first member's counts.
    ///
    /// ```
    /// # use capstone_bus::{Bus, Message};
    /// # let bus = Bus::new();
    /// /// The second token: `7` in `orders.7.paid`.
    /// fn order(message: &Message) -> Option<String> {
    ///     message.topic.tokens().nth(1).map(str::to_owned)
    /// }
    ///
    /// let first = bus.subscription("orders.*.*").queue("billing").keyed_by(order).open()?;
    /// let second = bus.subscription("orders.*.*").queue("billing").keyed_by(order).open()?;
    /// # Ok::<(), capstone_bus::SubscribeError>(())
    /// ```
    pub fn keyed_by<K: Hash>(mut self, key: impl Fn(&Message) -> Option<K> + Send + Sync + 'static) -> Self {
        self.settings.keyed_by = Some(KeyedBy::function(key));
        self
    }

    /// Wants only messages that have this header with this value; of several such, all. A message without it is not
    /// offered: it takes no place, and does not count as matched.
    ///
    /// The members of a queue group must have the same.
    pub fn filter_header(mut self, name: impl Into<Box<str>>, value: impl Into<Box<str>>) -> Self {
        self.settings.headers = self.settings.headers.and(name.into(), value.into());
        self
    }

    /// Wants only messages that this says yes to; the last one that is set counts. It is asked when the subscription
    /// receives, on its own task, so publishers never wait for it: until then the message takes a place. What it
    /// refuses is counted as filtered, not as delivered and not as dropped, and is no [gap](crate::Delivery::gap). A
    /// panic is a no.
    ///
    /// In a queue group, what a member refuses has had its turn: no other member gets it.
    pub fn filter(mut self, wants: impl Fn(&Message) -> bool + Send + Sync + 'static) -> Self {
        self.filter = Some(Filter::new(wants));
        self
    }

    /// A name for people, shown in the [statistics](crate::Bus::stats). In a queue group, the first member's counts.
    pub fn name(mut self, name: impl Into<Arc<str>>) -> Self {
        self.name = Some(name.into());
        self
    }

    pub(crate) fn is_of_dead_letters(&self) -> bool {
        self.pattern.as_ref().is_ok_and(Pattern::is_of_dead_letters)
    }

    /// Subscribes: every message published after this returned is offered to the subscription.
    ///
    /// # Errors
    ///
    /// The options are wrong, or the bus is closed.
    pub fn open(self) -> Result<Subscription, SubscribeError> {
        let pattern = self.pattern?;
        if self.settings.capacity == 0 {
            return Err(SubscribeError::NoCapacity { pattern });
        }
        if let Some(group) = &self.group
            && (group.is_empty() || group.contains(|c: char| c.is_whitespace() || c.is_control()))
        {
            return Err(SubscribeError::GroupName { pattern, group: group.as_ref().into() });
        }
        let spec = Spec { pattern, group: self.group, name: self.name, settings: self.settings };
        let (id, mailbox) = self.shared.router.subscribe(spec)?;
        Ok(Subscription::new(self.shared, id, mailbox, self.filter))
    }
}
