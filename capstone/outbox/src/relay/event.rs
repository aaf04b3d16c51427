//! The core's two sides: what happened, and what to do about it.

use std::ops::Add;
use std::sync::Arc;

use tokio::time::Instant;

use crate::message::{Envelope, Ident, Seq};
use crate::sink::SinkError;
use crate::store::{Budget, Changes, Fetched};

/// What happened.
#[derive(Debug)]
pub(super) enum Input {
    /// Something may have been committed.
    Wake,
    /// The answer to [`Effect::Fetch`], with its budget.
    Fetched(Budget, Fetched),
    /// The answer to [`Effect::FetchHeld`], with its budget.
    FetchedHeld(Ident, Budget, Fetched),
    /// The answer to [`Effect::Publish`].
    Published(Arc<Envelope>, Result<(), SinkError>),
    /// The last [`Effect::Settle`] is committed.
    Settled,
    /// No publish may start at this instant or later, unless this comes again.
    MayPublishUntil(Instant),
    /// Time has passed: see [`Core::next_due`](super::core::Core::next_due).
    Tick,
    /// Start nothing new.
    Stop,
}

/// What to do.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Effect {
    Fetch { after: Seq, budget: Budget },
    FetchHeld { ident: Ident, after: Seq, budget: Budget },
    Publish(Arc<Envelope>),
    Settle(Changes),
}

/// What was done, counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) published: u64,
    pub(super) failed: u64,
    pub(super) parked: u64,
    pub(super) buried: u64,
}

impl Add for Counts {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            published: self.published + other.published,
            failed: self.failed + other.failed,
            parked: self.parked + other.parked,
            buried: self.buried + other.buried,
        }
    }
}
