//! [`EventsStats`]: what was counted, handler by handler.

use std::sync::Arc;

use super::HandlerStats;
use super::slot::Slot;

/// The counters of a registry at one moment. Each is exact; they are read one after another, not all at once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct EventsStats {
    /// Events that were emitted and forgotten, and are not finished.
    pub forgotten: usize,
    /// The handlers, in order of registration.
    pub handlers: Vec<RegistrationStats>,
}

/// The counters of one registered handler.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RegistrationStats {
    /// Its name.
    pub handler: Arc<str>,
    /// The topic of its events.
    pub topic: &'static str,
    /// Its class.
    pub priority: i32,
    /// What it has counted.
    pub counts: HandlerStats,
}

impl RegistrationStats {
    pub(crate) fn of(slot: &Slot) -> Self {
        Self {
            handler: Arc::clone(&slot.spec.name),
            topic: slot.spec.topic,
            priority: slot.spec.priority,
            counts: slot.pipeline.stats(),
        }
    }
}
