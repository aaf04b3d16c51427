//! [`Shared`]: what the handles of a bus and its subscriptions share.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use crate::{
    Message,
    mailbox::Patience,
    matched::Matched,
    offered::Offered,
    outlet::Origin,
    overflow::Settings,
    router::{Closed, Router},
};

/// Kept alive by subscriptions too, so that they can unsubscribe after the last handle of the bus has gone.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) router: Router,
    pub(crate) defaults: Settings,
    pub(crate) published: Counter,
    pub(crate) unmatched: Counter,
}

impl Shared {
    /// The first pass of a publish, counted.
    pub(crate) fn offer(
        &self,
        matched: &Matched,
        messages: &[Arc<Message>],
        patience: Patience,
        origin: Origin,
    ) -> Result<Offered, Closed> {
        let offered = Offered::offer(&self.router, matched, messages, patience, origin)?;
        self.published.add(messages.len());
        if offered.is_unmatched() {
            self.unmatched.add(messages.len());
        }
        Ok(offered)
    }
}

/// Counts, and orders nothing.
#[derive(Debug, Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    pub(crate) fn add(&self, number: usize) {
        self.0.fetch_add(number as u64, Ordering::Relaxed);
    }

    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}
