//! [`Registration`]: the way to take a handler away again.

use std::any::TypeId;
use std::fmt;
use std::sync::{Arc, Weak};

use super::events::Inner;
use super::slot::Slot;

/// A registered handler. Dropping this changes nothing: the handler stays.
pub struct Registration {
    /// Not owned: a registration must not keep the handlers alive that may hold it.
    events: Weak<Inner>,
    event: TypeId,
    slot: Weak<Slot>,
}

impl Registration {
    pub(crate) fn new(events: &Arc<Inner>, event: TypeId, slot: &Arc<Slot>) -> Self {
        Self { events: Arc::downgrade(events), event, slot: Arc::downgrade(slot) }
    }

    /// Takes the handler away: after this returned, no call of it begins, also not for an event that is being emitted
    /// or waits for its turn, and no attempt is repeated. Calls that have begun run to their end.
    pub fn cancel(self) {
        self.cancel_by_ref();
    }

    /// A guard that takes the handler away when it is dropped.
    pub fn scoped(self) -> ScopedRegistration {
        ScopedRegistration(self)
    }

    fn cancel_by_ref(&self) {
        let Some(slot) = self.slot.upgrade() else { return };
        slot.cancel();
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
