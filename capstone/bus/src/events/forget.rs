//! Emitting without waiting, and the shutdown that waits after all.

use std::any::TypeId;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::timeout;

use super::emit::Door;
use super::event::AnyEvent;
use super::shared::Shared;
use super::tasks::NoTicket;
use super::{Event, Events};

/// How long a handler that was cut off may take to let go. One that blocks its thread never does.
pub(crate) const ABORT_GRACE: Duration = Duration::from_millis(100);

/// The event was not emitted; here it is again.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ForgetError<E> {
    /// As many events as may be under way are.
    #[error("as many events as may be emitted and forgotten are under way")]
    Full(E),
    /// The bus or its events are closed.
    #[error("events are closed")]
    Closed(E),
}

impl<E> ForgetError<E> {
    /// The event, given back.
    pub fn into_event(self) -> E {
        match self {
            Self::Full(event) | Self::Closed(event) => event,
        }
    }
}

/// Without the event, which need not have a `Debug`.
impl<E> fmt::Debug for ForgetError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Full(_) => "Full(..)",
            Self::Closed(_) => "Closed(..)",
        })
    }
}

/// What a shutdown of events has seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DrainReport {
    /// Events that were emitted and forgotten, and came to their end during the shutdown.
    pub finished: u64,
    /// Events that were emitted and forgotten, or fed from a subscription, and had not ended at the deadline: their
    /// handlers were dropped.
    pub left_over: usize,
    /// Actors that had not ended at the deadline. Their tasks were dropped.
    pub actors_left: usize,
    /// Emissions that somebody awaits, and that had not ended at the deadline. They are that one's own, and go on.
    pub emissions_left: usize,
    /// Panics at any time outside of a handler: when an event, an error of a forgotten one, or the state of an actor was
    /// dropped.
    pub panicked: u64,
}

impl DrainReport {
    /// Whether everything had ended at the deadline.
    pub fn is_clean(&self) -> bool {
        self.left_over == 0 && self.actors_left == 0 && self.emissions_left == 0
    }
}

impl Events {
    /// Emits the event in a task of its own, and forgets it: nobody learns the outcomes, the
    /// [statistics](Self::stats) count them.
    ///
    /// Nothing is promised about the order of two events that are forgotten one after another. Forgotten inside of a
    /// handler, an event is not nested in it.
    ///
    /// # Full
    ///
    /// At most [`forgotten_max`](super::EventsBuilder::forgotten_max) events are under way, 1,024 without that.
    ///
    /// # Errors
    ///
    /// It is full, or closed. The error gives the event back.
    ///
    /// # Panics
    ///
    /// Outside of a Tokio runtime.
    pub fn emit_and_forget<E: Event>(&self, event: E) -> Result<(), ForgetError<E>> {
        let ticket = match self.shared.tasks.ticket() {
            Ok(ticket) => ticket,
            Err(NoTicket::Full) => return Err(ForgetError::Full(event)),
            Err(NoTicket::Closed) => return Err(ForgetError::Closed(event)),
        };
        let events = self.clone();
        self.shared.tasks.spawn(ticket, async move {
            let event: AnyEvent = Arc::new(event);
            drop(events.emit_any(TypeId::of::<E>(), E::TOPIC, &event, Door::Ajar).await);
        });
        Ok(())
    }

    /// Closes, stops the feeds, waits until everything that was emitted has ended, forgets all handlers, and waits for
    /// their actors. That of a bus is part of [`Bus::shutdown`](crate::Bus::shutdown).
    ///
    /// At the deadline, what was forgotten, and actors, are dropped at the `await` where they are, and have a tenth of a
    /// second to let go. Emissions that somebody awaits are that one's own, and go on. A shutdown waits for the handler
    /// that calls it; at the deadline, that is where it ends if its event was forgotten.
    ///
    /// # Panics
    ///
    /// Outside of a Tokio runtime with time enabled.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its first poll, nothing happens. Dropped later, events are refused, and what is under way goes
    /// on: another shutdown waits for it.
    // ANCHOR: shutdown
    pub async fn shutdown(&self, deadline: Duration) -> DrainReport {
        let mut draining = self.drain();
        draining.stop_feeds();
        if timeout(deadline, draining.drained()).await.is_err() {
            draining.abort();
            // Whether in time or not, there is nothing more to be done about it.
            timeout(ABORT_GRACE, draining.ended()).await.ok();
        }
        draining.report()
    }
    // ANCHOR_END: shutdown

    /// Begins a shutdown.
    pub(crate) fn drain(&self) -> Draining<'_> {
        let finished_before = self.shared.tasks.counts().finished.get();
        self.close();
        Draining { events: &self.shared, finished_before, left: [0; 3] }
    }
}

/// A shutdown of events that is under way.
pub(crate) struct Draining<'a> {
    events: &'a Shared,
    finished_before: u64,
    /// At the deadline.
    left: [usize; 3],
}

impl Draining<'_> {
    /// Without this, each ends with its subscription.
    pub(crate) fn stop_feeds(&self) {
        self.events.tasks.stop_feeds();
    }

    /// Waits for everything that was emitted, and forgets the handlers: they may hold handles to this registry, or to the
    /// bus that has it; and actors end with their handler.
    pub(crate) async fn drained(&self) {
        self.events.tasks.drained().await;
        self.events.registry.clear();
        self.events.tasks.ended().await;
    }

    /// The deadline is over: drops what is left.
    pub(crate) fn abort(&mut self) {
        self.left = self.events.tasks.left();
        self.events.tasks.abort();
        self.events.registry.clear();
    }

    /// Waits until what was dropped is gone.
    pub(crate) async fn ended(&self) {
        self.events.tasks.ended().await;
    }

    pub(crate) fn report(&self) -> DrainReport {
        let (counts, [left_over, actors_left, emissions_left]) = (self.events.tasks.counts(), self.left);
        DrainReport {
            finished: counts.finished.get() - self.finished_before,
            left_over,
            actors_left,
            emissions_left,
            panicked: counts.panicked.get(),
        }
    }
}
