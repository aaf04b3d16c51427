//! [`SubscriptionBuilder`]: a subscription with options.

use std::sync::Arc;

use crate::{
    Message, Overflow, Pattern, PatternError, Subscription, filter::Filter, overflow::Settings,
    router::Request, shared::Shared,
};

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
    /// when it has members with several patterns that match, one of their mailboxes gets the message, the emptiest.
    pub fn queue(mut self, group: impl Into<Arc<str>>) -> Self {
        self.group = Some(group.into());
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
        let request = Request { pattern, group: self.group, name: self.name, settings: self.settings };
        let (id, mailbox) = self.shared.router.subscribe(request)?;
        Ok(Subscription::new(self.shared, id, mailbox, self.filter))
    }
}

/// A subscription could not be opened; nothing has changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SubscribeError {
    /// The pattern is not one.
    #[error(transparent)]
    Pattern(#[from] PatternError),
    /// A mailbox needs room for at least one message.
    #[error("subscription to {pattern}: the capacity is 0, at least 1 is needed")]
    NoCapacity {
        /// What was subscribed to.
        pattern: Pattern,
    },
    /// A handler must handle at least one message at a time.
    #[error("handler of {pattern}: the concurrency is 0, at least 1 is needed")]
    NoConcurrency {
        /// What was to be handled.
        pattern: Pattern,
    },
    /// The name of a queue group is empty, or has white space or control characters.
    #[error("subscription to {pattern}: {group:?} cannot be the name of a queue group")]
    GroupName {
        /// What was subscribed to.
        pattern: Pattern,
        /// The name as it was given.
        group: Box<str>,
    },
    /// The queue group exists, with another capacity, overflow or header filter; its members share one mailbox.
    #[error(
        "subscription to {pattern}: queue group {group:?} exists with another capacity, overflow or header filter"
    )]
    GroupDiffers {
        /// What was subscribed to.
        pattern: Pattern,
        /// The name of the group.
        group: Box<str>,
    },
    /// The bus is closed.
    #[error("the bus is closed")]
    Closed,
}
