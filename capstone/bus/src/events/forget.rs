//! Emitting without waiting, and the shutdown that waits after all.

use std::any::TypeId;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::timeout;

use super::emit::Door;
use super::tasks::NoTicket;
use super::{Event, Events};

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

/// What a shutdown has seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ShutdownReport {
    /// Events that were emitted and forgotten, and came to their end during the shutdown.
    pub finished: u64,
    /// Events that were emitted and forgotten, or fed from a subscription, and had not ended at the deadline: their
    /// handlers were dropped.
    pub left_over: usize,
    /// Actors that had not ended at the deadline. Their tasks were dropped.
    pub actors_left: usize,
    /// Tasks that panicked at any time, outside of a handler: when an event, or the state of an actor, was dropped.
    pub panicked: u64,
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
        let ticket = match self.inner.tasks.ticket() {
            Ok(ticket) => ticket,
            Err(NoTicket::Full) => return Err(ForgetError::Full(event)),
            Err(NoTicket::Closed) => return Err(ForgetError::Closed(event)),
        };
        let events = self.clone();
        self.inner.tasks.spawn(ticket, async move {
            events.emit_any(TypeId::of::<E>(), E::TOPIC, Arc::new(event), Door::Ajar).await;
        });
        Ok(())
    }

    /// Closes, stops the feeds, waits until everything that was emitted and forgotten has ended, forgets all handlers,
    /// and waits for their actors. Emissions that somebody awaits are that one's own, and go on.
    ///
    /// At the deadline, what is left is dropped at the `await` where it is. In a handler of its own that is where it
    /// ends: a shutdown waits for the handler that calls it.
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
    pub async fn shutdown(&self, deadline: Duration) -> ShutdownReport {
        let tasks = &self.inner.tasks;
        let finished_before = tasks.counts().finished.get();
        self.close();
        let drain = async {
            tasks.drained().await;
            // Handlers may hold handles to this registry, or to the bus that has it; and actors end with their handler.
            self.inner.registry.clear();
            tasks.actors_ended().await;
        };
        let drained = timeout(deadline, drain).await.is_ok();
        let (left_over, actors_left) =
            if drained { (0, 0) } else { (tasks.forgotten() + tasks.feeds(), tasks.actors()) };
        tasks.abort();
        self.inner.registry.clear();
        ShutdownReport {
            finished: tasks.counts().finished.get() - finished_before,
            left_over,
            actors_left,
            panicked: tasks.counts().panicked.get(),
        }
    }
    // ANCHOR_END: shutdown
}
