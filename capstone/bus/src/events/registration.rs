//! [`Registration`]: the way to take a handler away again.

use std::any::TypeId;
use std::fmt;
use std::sync::{Arc, Weak};

use super::shared::Shared;
use super::slot::Slot;

/// A registered handler. Dropping this changes nothing: the handler stays.
pub struct Registration {
    /// Not owned: a registration must not keep the handlers alive that may hold it.
    events: Weak<Shared>,
    event: TypeId,
    slot: Weak<Slot>,
}

impl Registration {
    pub(crate) fn new(events: &Arc<Shared>, event: TypeId, slot: &Arc<Slot>) -> Self {
        Self { events: Arc::downgrade(events), event, slot: Arc::downgrade(slot) }
    }

    /// Takes the handler away: no event that is emitted after this returned gets to it.
    ///
    /// An emission that waits for its turn, for the rate or for its next attempt does so no longer, and the handler is
    /// skipped, or has failed. It is not called either by a middleware that has not let the call through yet. A call that
    /// begins at this very moment, on another thread, is not stopped. Calls that have begun run to their end, and what
    /// waits in the mailbox of an [actor](super::Actor) has begun: [`cancel_and_wait`](Self::cancel_and_wait) waits for
    /// them.
    pub fn cancel(self) {
        self.cancel_by_ref();
    }

    /// Takes the handler away, and waits until it is at rest: after this returned, no call of it runs or begins, and no
    /// dead letter of it is put away.
    ///
    /// In the handler itself it would wait for itself, for ever.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its first poll, nothing has happened. Dropped later, the handler is cancelled, and what has begun
    /// goes on.
    pub async fn cancel_and_wait(self) {
        let slot = self.slot.upgrade();
        self.cancel_by_ref();
        if let Some(slot) = slot {
            slot.cancel.ended().await;
        }
    }

    /// A guard that takes the handler away when it is dropped.
    pub fn scoped(self) -> ScopedRegistration {
        ScopedRegistration(self)
    }

    fn cancel_by_ref(&self) {
        let Some(slot) = self.slot.upgrade() else { return };
        slot.cancel.cancel();
        if let Some(events) = self.events.upgrade() {
            events.registry.remove(self.event, slot.id);
        }
    }
}

impl fmt::Debug for Registration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registration").field("slot", &self.slot.upgrade()).finish_non_exhaustive()
    }
}

/// A handler that is registered as long as this lives. Dropping it is [`Registration::cancel`], from any thread.
#[derive(Debug)]
#[must_use = "dropping it takes the handler away"]
pub struct ScopedRegistration(Registration);

impl Drop for ScopedRegistration {
    fn drop(&mut self) {
        self.0.cancel_by_ref();
    }
}
