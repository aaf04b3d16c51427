//! [`Stats`]: what the bus has counted.
//!
//! Counting costs the publisher two atomic additions at most. Everything per subscription is counted inside the
//! mailbox, under the lock that is held anyway.

use std::sync::Arc;

use crate::mailbox::mailbox::Mailbox;
use crate::shared::shared::Shared;
use crate::{Bus, Pattern};

/// # Statistics
impl Bus {
    /// What was counted so far.
    pub fn stats(&self) -> Stats {
        Stats::of(self.shared())
    }
}

/// The counters of a bus at one moment. Each is exact; they are read one after another, not all at once.
///
/// Of the copies that were offered, each is in exactly one of `delivered`, `filtered`, `dropped`, `abandoned`, or the `depth` or
/// `waiting` of a subscription. One for a NATS client is delivered when it is in the buffer of the connection.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// Messages that `publish` or `try_publish` accepted, matched or not.
    pub published: u64,
    /// Published messages that no subscription matched.
    pub unmatched: u64,
    /// Copies handed out to subscribers, also to those that are gone.
    pub delivered: u64,
    /// Copies that a filter refused when they were received.
    pub filtered: u64,
    /// Copies dropped by the overflow policy of a mailbox, or because their publisher stopped waiting, or because the
    /// connection of a NATS client had no room.
    pub dropped: u64,
    /// Copies that were still queued when their subscription was dropped.
    pub abandoned: u64,
    /// Replies that no request waited for: it had its reply, was over, or never was.
    pub late_replies: u64,
    /// Dead letters that a subscription took.
    pub dead_letters: u64,
    /// Dead letters that nobody subscribed to, or had a place for.
    pub dead_letters_lost: u64,
    /// Subscriptions alive, each member of a queue group counted.
    pub active: usize,
    /// The mailboxes alive, in order of subscription. What NATS clients subscribe to has none.
    pub subscriptions: Vec<SubscriptionStats>,
}

/// The counters of one mailbox: that of a subscription, or the one that the members of a queue group share.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SubscriptionStats {
    /// The name given to it.
    pub name: Option<Arc<str>>,
    /// What it is subscribed to.
    pub pattern: Pattern,
    /// The queue group, if it is one.
    pub group: Option<Arc<str>>,
    /// Subscriptions that receive from it; more than one only in a queue group.
    pub members: usize,
    /// The most that may be queued.
    pub capacity: usize,
    /// Messages queued now.
    pub depth: usize,
    /// The most that were ever queued, as far as anybody saw: who is not full is not always looked at.
    pub high_water: usize,
    /// Messages whose publishers wait for a place now.
    pub waiting: usize,
    /// Messages handed out.
    pub delivered: u64,
    /// Messages that a filter refused when they were received.
    pub filtered: u64,
    /// Messages dropped.
    pub dropped: u64,
}

impl Stats {
    pub(crate) fn of(shared: &Shared) -> Self {
        let census = shared.router.census();
        let subscriptions: Vec<_> = census
            .mailboxes
            .iter()
            .map(|(mailbox, members)| SubscriptionStats::of(mailbox, *members))
            .collect();
        let (past, carried) = (census.past, &shared.router.carried);
        let sum = |count: fn(&SubscriptionStats) -> u64| subscriptions.iter().map(count).sum::<u64>();
        Self {
            published: shared.published.get(),
            unmatched: shared.unmatched.get(),
            delivered: past.delivered + carried.delivered.get() + sum(|s| s.delivered),
            filtered: past.filtered + sum(|s| s.filtered),
            dropped: past.dropped + carried.dropped.get() + sum(|s| s.dropped),
            abandoned: past.abandoned,
            late_replies: shared.replies.late(),
            dead_letters: shared.dead_letters.get(),
            dead_letters_lost: shared.dead_letters_lost.get(),
            active: census.active,
            subscriptions,
        }
    }
}

impl SubscriptionStats {
    fn of(mailbox: &Mailbox, members: usize) -> Self {
        let counts = mailbox.counts();
        Self {
            name: mailbox.name.clone(),
            pattern: mailbox.pattern.clone(),
            group: mailbox.group.clone(),
            members,
            capacity: mailbox.settings.capacity,
            depth: counts.depth,
            high_water: counts.high_water,
            waiting: counts.waiting,
            delivered: counts.delivered,
            filtered: counts.filtered,
            dropped: counts.dropped,
        }
    }
}
