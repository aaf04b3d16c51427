//! The core's two sides: what happened, and what to do about it.

use std::ops::Add;
use std::sync::Arc;

use tokio::time::Instant;

use super::notice::Notice;
use crate::message::{Envelope, Ident, Seq};
use crate::operations::Command;
use crate::sink::SinkError;
use crate::store::{Budget, Changes, Due, DueLook, Fetched, Lease, Legacy, Look, Settled};

/// What happened.
#[derive(Debug)]
pub(super) enum Input {
    /// Something may have been committed.
    Wake,
    /// The store has said which lanes this relay holds.
    Tenure(Tenure),
    /// The answer to [`Effect::Open`].
    Opened(Vec<Lease>, Legacy),
    /// The answer to [`Effect::Fetch`].
    Fetched(Look, Budget, Fetched),
    /// The answer to [`Effect::Due`].
    Due(Vec<Lease>, Budget, Due),
    /// The answer to [`Effect::Refill`].
    Refilled(Refill, Fetched),
    /// Answers to [`Effect::Publish`]: what came at once is settled at once.
    Published(Vec<Published>),
    /// The answer to [`Effect::Settle`]: it is committed.
    Settled(Changes, Settled),
    /// Time has passed: see [`Core::next_due`](super::core::Core::next_due).
    Tick,
    /// Start nothing new.
    Stop,
}

/// A message, and what the sink said of it.
pub(super) type Published = (Arc<Envelope>, Result<(), SinkError>);

// ANCHOR: effect
/// What to do.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Effect {
    /// Read how these lanes were left.
    Open(Vec<Lease>),
    /// Give these lanes back.
    Close(Vec<Lease>),
    Fetch(Look, Budget),
    /// Under these leases.
    Due(Vec<Lease>, DueLook, Budget),
    Refill(Refill),
    /// The number is that of the attempt.
    Publish(Arc<Envelope>, u32),
    Settle(Changes),
    /// Tell whoever listens.
    Tell(Notice),
}
// ANCHOR_END: effect

/// Which lanes are ours, and for how long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Tenure {
    pub(super) leases: Vec<Lease>,
    /// How many lanes each of the relays that are alive should have.
    pub(super) share: usize,
    /// There is nothing more to take for now.
    pub(super) is_complete: bool,
    /// What operators want of these lanes.
    pub(super) commands: Vec<Command>,
    /// No publish may start until this is `false` again.
    pub(super) is_paused: bool,
    /// No publish may start at this instant or later.
    pub(super) may_publish_until: Instant,
}

/// Passed rows of one key, read because it is their turn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refill {
    pub(super) lease: Lease,
    pub(super) ident: Ident,
    pub(super) after: Seq,
    pub(super) upto: Seq,
    pub(super) budget: Budget,
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
