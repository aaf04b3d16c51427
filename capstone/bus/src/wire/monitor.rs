//! [`Monitor`]: what a listener counts, for whoever looks on.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::end::End;
use crate::base::counter::Counter;

/// Looks on while a listener runs; made by [`Listener::monitor`](super::Listener::monitor).
#[derive(Clone, Debug)]
pub struct Monitor(Arc<Counters>);

/// The counters of a listener at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ListenerStats {
    /// Connections open now.
    pub open: usize,
    /// Connections accepted, ended ones too.
    pub accepted: u64,
    /// Connections refused because there were too many, at all or from their address.
    pub refused: u64,
    /// Connections that did not say in time who they are, or said it wrongly, or made room for others before; or whose TLS
    /// handshake failed.
    pub unauthorised: u64,
    /// Connections ended because they took too slowly what they had subscribed to.
    pub slow: u64,
    /// Connections ended because they did not answer.
    pub stale: u64,
    /// Connections ended because of what they said: not the protocol, or beyond a limit.
    pub faulty: u64,
}

/// What is behind a [`Monitor`].
#[derive(Debug)]
pub(super) struct Counters {
    /// New for each listener, so that clients see a restart.
    pub(super) server_id: String,
    open: AtomicUsize,
    accepted: Counter,
    refused: Counter,
    unauthorised: Counter,
    slow: Counter,
    stale: Counter,
    faulty: Counter,
}

impl Monitor {
    pub(super) fn new(counters: Arc<Counters>) -> Self {
        Self(counters)
    }

    /// What was counted so far.
    pub fn stats(&self) -> ListenerStats {
        self.0.stats()
    }
}

impl Counters {
    pub(super) fn new() -> Self {
        Self {
            server_id: std::iter::repeat_with(|| fastrand::char('A'..='Z')).take(22).collect(),
            open: AtomicUsize::new(0),
            accepted: Counter::default(),
            refused: Counter::default(),
            unauthorised: Counter::default(),
            slow: Counter::default(),
            stale: Counter::default(),
            faulty: Counter::default(),
        }
    }

    pub(super) fn accepted(&self) {
        self.accepted.add_one();
        self.open.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn refused(&self) {
        self.refused.add_one();
    }

    pub(super) fn ended(&self, end: &End) {
        self.open.fetch_sub(1, Ordering::Relaxed);
        match end {
            End::Unauthorised(_) | End::Displaced | End::Unencrypted => self.unauthorised.add_one(),
            End::Slow(_) => self.slow.add_one(),
            End::Stale => self.stale.add_one(),
            End::Refused(_) => self.faulty.add_one(),
            End::Gone | End::Drained => {}
        }
    }

    /// None is open any more, also of those that were cut off.
    pub(super) fn closed(&self) {
        self.open.store(0, Ordering::Relaxed);
    }

    fn stats(&self) -> ListenerStats {
        ListenerStats {
            open: self.open.load(Ordering::Relaxed),
            accepted: self.accepted.get(),
            refused: self.refused.get(),
            unauthorised: self.unauthorised.get(),
            slow: self.slow.get(),
            stale: self.stale.get(),
            faulty: self.faulty.get(),
        }
    }
}
