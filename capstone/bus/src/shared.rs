//! [`Shared`]: what the handles of a bus and its subscriptions share.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::clock::Clock;
use crate::events::Events;
use crate::handlers::Handlers;
use crate::overflow::Settings;
use crate::replies::Replies;
use crate::router::Router;
use crate::settling::Settling;
use crate::shutdown::Progress;

/// Kept alive by subscriptions too, so that they can unsubscribe after the last handle of the bus has gone.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) router: Router,
    pub(crate) defaults: Settings,
    pub(crate) clock: Clock,
    pub(crate) replies: Replies,
    pub(crate) settling: Settling,
    pub(crate) handlers: Handlers,
    pub(crate) progress: Progress,
    pub(crate) published: Counter,
    pub(crate) unmatched: Counter,
    pub(crate) events: Events,
    pub(crate) dead_letters: Counter,
    pub(crate) dead_letters_lost: Counter,
}

/// Counts, and orders nothing. On a cache line of its own, because publishers write one for every message, and whatever
/// lay beside it would be taken away from everybody who reads it.
#[derive(Debug, Default)]
#[repr(align(64))]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    pub(crate) fn add_one(&self) {
        self.add(1);
    }

    pub(crate) fn add(&self, number: usize) {
        self.0.fetch_add(number as u64, Ordering::Relaxed);
    }

    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}
