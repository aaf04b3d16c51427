//! One key as the core sees it: its rows in memory, and where it stands.

use std::collections::VecDeque;
use std::sync::Arc;

use tokio::time::Instant;

use crate::message::{Envelope, Seq};

pub(super) struct Key {
    pub(super) queue: VecDeque<Arc<Envelope>>,
    pub(super) state: State,
    pub(super) trouble: Option<Trouble>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// Nothing of it is under way; it is in `ready` if its queue is not empty.
    Idle,
    Publishing,
    /// Its head becomes a dead letter: see `burying`.
    Burying,
    /// Tried again at this time.
    Waiting(Instant),
    Parked,
    /// Its held rows are being read, or will be. `true`: more may have joined them since.
    Refilling(bool),
}

/// Some of the key's rows may be held in the store: it is served from there, in order, until none is left.
#[derive(Clone, Copy, Debug)]
pub(super) struct Trouble {
    pub(super) head: Seq,
    pub(super) attempts: u32,
    /// Held rows up to here have been published or buried, though perhaps not yet deleted.
    pub(super) after: Seq,
    /// The flush after which the store knows everything that has been decided about the key.
    pub(super) known_after: u64,
}

impl Key {
    /// A key without trouble, and without rows yet.
    pub(super) fn idle() -> Self {
        Self { queue: VecDeque::new(), state: State::Idle, trouble: None }
    }
}
