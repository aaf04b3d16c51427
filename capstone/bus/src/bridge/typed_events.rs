//! The typed events of a [`Bus`]: the same methods as on its [`Events`], one call shorter.

use crate::Bus;
use crate::events::{
    EmitReport, Event, Events, ForgetError, Handler, HandlerBuilder, HandlerError, Registration,
};

/// # Typed events
///
/// Handlers by the type of an event, instead of subscriptions by topic: see [`events`](crate::events). Both close
/// together. Messages that are published get to no handler and events to no subscription, unless a bridge says so.
impl Bus {
    /// The handlers of this bus, with everything that can be done with them.
    ///
    /// A handle that is kept does not keep the bus open.
    pub fn events(&self) -> &Events {
        &self.shared().events
    }

    /// Registers a handler, at once and for good; see [`Events::on`].
    pub fn on<E: Event>(&self, handler: impl Handler<E, ()>) -> Registration {
        self.events().on(handler)
    }

    /// Registers a handler that can fail; see [`Events::on_fallible`].
    pub fn on_fallible<E: Event>(&self, handler: impl Handler<E, Result<(), HandlerError>>) -> Registration {
        self.events().on_fallible(handler)
    }

    /// Options for a handler; see [`Events::handler`].
    pub fn handler<E: Event>(&self) -> HandlerBuilder<E> {
        self.events().handler()
    }

    /// Calls all handlers of the event and waits for them; see [`Events::emit`].
    ///
    /// # Cancel safety
    ///
    /// The handlers that run are dropped at the `await` where they are, and those that have not begun never do.
    pub async fn emit<E: Event>(&self, event: E) -> EmitReport {
        self.events().emit(event).await
    }

    /// Emits the event in a task of its own; see [`Events::emit_and_forget`].
    ///
    /// # Errors
    ///
    /// Too many events are under way, or the bus is closed. The error gives the event back.
    ///
    /// # Panics
    ///
    /// Outside of a Tokio runtime.
    pub fn emit_and_forget<E: Event>(&self, event: E) -> Result<(), ForgetError<E>> {
        self.events().emit_and_forget(event)
    }

    /// Emits one event after another; see [`Events::emit_batch_sequential`].
    ///
    /// # Cancel safety
    ///
    /// The emission under way is dropped, and the events after it are not emitted.
    pub async fn emit_batch_sequential<E: Event>(
        &self,
        events: impl IntoIterator<Item = E>,
    ) -> Vec<EmitReport> {
        self.events().emit_batch_sequential(events).await
    }

    /// Emits at most `concurrency` events at a time; see [`Events::emit_batch_concurrent`].
    ///
    /// # Panics
    ///
    /// When `concurrency` is 0, or the iterator panics.
    ///
    /// # Cancel safety
    ///
    /// The emissions under way are dropped, and the events after them are not emitted.
    pub async fn emit_batch_concurrent<E: Event>(
        &self,
        events: impl IntoIterator<Item = E>,
        concurrency: usize,
    ) -> Vec<EmitReport> {
        self.events().emit_batch_concurrent(events, concurrency).await
    }
}
