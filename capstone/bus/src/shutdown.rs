//! [`Bus::shutdown`]: an end that lets everybody finish, up to a deadline, and says what was left.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::timeout;

use crate::base::id::SubscriberId;
use crate::events::forget::ABORT_GRACE;
use crate::mailbox::counts::Counts;
use crate::mailbox::mailbox::Mailbox;
use crate::shared::shared::Shared;
use crate::{Bus, Pattern, events};

impl Bus {
    /// Closes the bus and its [events](crate::events), waits until the mailboxes are empty and the handlers of both have
    /// finished, and cuts the handlers off when the deadline, counted from now, comes first.
    ///
    /// Nothing new is taken from the first poll on. What is queued still arrives, publishers that wait for a place get
    /// it, handlers make all their attempts, replies reach their requests, events that were emitted and forgotten their
    /// handlers, and dead letters their subscribers. Then the handlers of events are forgotten.
    ///
    /// At the deadline, handlers are stopped as by a [drop](crate::HandlerTask), and have a tenth of a second to let go.
    /// A subscription that you hold is not ended: what it has left, it can still receive. Nor is an event that you
    /// await.
    ///
    /// Called by a handler it waits for that handler, so until the deadline.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use capstone_bus::{Bus, Message};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let bus = Bus::new();
    /// bus.topic_handler("orders.*").name("invoices").start(async |_| Ok(()))?.detach();
    /// bus.publish(Message::new("orders.created".parse()?, "42")).await?.all_enqueued()?;
    ///
    /// let report = bus.shutdown(Duration::from_secs(10)).await;
    /// assert!(report.is_clean());
    /// assert_eq!(report.subscriptions[0].delivered, 1);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Cancel safety
    ///
    /// Dropped before its first poll, nothing has happened. Dropped later, the bus is closed, the handlers go on until
    /// they have finished, and nobody cuts them off.
    pub async fn shutdown(&self, deadline: Duration) -> ShutdownReport {
        let shared = self.shared();
        let letters = shared.expect_dead_letters();
        let open = shared.close_and_watch();
        let mut events = shared.events.drain();

        let messages = async {
            shared.progress.until(|| shared.handlers.are_done() && open.iter().all(Open::is_empty)).await;
            // Those that are fed by this bus have ended with it.
            events.stop_feeds();
        };
        let drained = async {
            tokio::join!(messages, events.drained(), shared.settling.ended());
            drop(letters);
            // What typed handlers have failed on comes last.
            shared.progress.until(|| open.iter().all(Open::is_empty)).await;
        };
        let mut cut_off = Vec::new();
        if timeout(deadline, drained).await.is_err() {
            cut_off = shared.handlers.abort();
            events.abort();
            let let_go =
                async { tokio::join!(shared.progress.until(|| shared.handlers.are_done()), events.ended()) };
            // Whether in time or not, there is nothing more to be done about it.
            timeout(ABORT_GRACE, let_go).await.ok();
        }
        let subscriptions = open.iter().map(|open| open.report(&cut_off)).collect();
        ShutdownReport { subscriptions, events: events.report() }
    }
}

impl Shared {
    /// Closes the bus, and has all progress be told from now on. Returns the mailboxes that were open.
    fn close_and_watch(&self) -> Vec<Open> {
        self.progress.watch();
        self.close();
        self.router.census().mailboxes.into_iter().map(Open::new).collect()
    }
}

/// A mailbox that was open when the shutdown began.
struct Open {
    mailbox: Arc<Mailbox>,
    before: Counts,
}

impl Open {
    fn new((mailbox, _members): (Arc<Mailbox>, usize)) -> Self {
        let before = mailbox.counts();
        Self { mailbox, before }
    }

    fn is_empty(&self) -> bool {
        self.mailbox.counts().depth == 0
    }

    fn report(&self, cut_off: &[(SubscriberId, usize)]) -> SubscriptionReport {
        let Self { mailbox, before } = self;
        let after = mailbox.counts();
        let abandoned = after.abandoned - before.abandoned;
        let mine = cut_off.iter().filter(|(id, _)| *id == mailbox.id);
        SubscriptionReport {
            name: mailbox.name.clone(),
            pattern: mailbox.pattern.clone(),
            group: mailbox.group.clone(),
            delivered: after.delivered - before.delivered,
            left_over: (after.depth + after.waiting) as u64 + abandoned,
            cut_off: mine.map(|(_, messages)| *messages as u64).sum(),
        }
    }
}

/// What a shutdown has done, subscription by subscription.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ShutdownReport {
    /// The mailboxes that were open, in order of subscription.
    pub subscriptions: Vec<SubscriptionReport>,
    /// The typed events.
    pub events: events::DrainReport,
}

impl ShutdownReport {
    /// Whether nothing was left over or cut off, neither messages nor events.
    pub fn is_clean(&self) -> bool {
        self.left_over() == 0 && self.cut_off() == 0 && self.events.is_clean()
    }

    /// Messages handed out during the shutdown.
    pub fn delivered(&self) -> u64 {
        self.subscriptions.iter().map(|subscription| subscription.delivered).sum()
    }

    /// Messages that nobody took.
    pub fn left_over(&self) -> u64 {
        self.subscriptions.iter().map(|subscription| subscription.left_over).sum()
    }

    /// Messages that a handler was at when it was cut off.
    pub fn cut_off(&self) -> u64 {
        self.subscriptions.iter().map(|subscription| subscription.cut_off).sum()
    }
}

/// What a shutdown has done to one mailbox: that of a subscription, or the one that the members of a queue group share.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SubscriptionReport {
    /// The name given to it.
    pub name: Option<Arc<str>>,
    /// What it was subscribed to.
    pub pattern: Pattern,
    /// The queue group, if it is one.
    pub group: Option<Arc<str>>,
    /// Messages handed out during the shutdown.
    pub delivered: u64,
    /// Messages that were queued or waiting at its end, or [abandoned](crate::Stats::abandoned) during it.
    pub left_over: u64,
    /// Messages that its handlers were at when they were cut off; they count as delivered, too.
    pub cut_off: u64,
}
