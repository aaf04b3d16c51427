//! [`Events`]: the handle that handlers are registered with, and events emitted.

use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use super::shared::Shared;
use super::{
    Call, Event, EventsStats, Handler, HandlerBuilder, HandlerError, Next, Registration, RegistrationStats,
};
use crate::base::clock::Clock;

/// What happens to the handlers of lower classes when one has failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Strategy {
    /// They are called all the same.
    #[default]
    ContinueOnError,
    /// They are skipped. The handlers of its own class run at the same time, and go on.
    StopOnError,
}

/// Handlers by the type of the event, and the way to call them. Cheap to clone; all clones share the handlers.
///
/// Every [`Bus`](crate::Bus) has one, and one can be made without a bus. It has no task of its own and nothing to run.
///
/// # Ends
///
/// It lives as long as a handle does. A handler that holds a handle, or its bus, keeps it alive for ever: a program
/// that wants the end to come by itself calls [`shutdown`](Self::shutdown), which forgets the handlers.
#[derive(Clone)]
pub struct Events {
    pub(crate) shared: Arc<Shared>,
    pub(crate) strategy: Strategy,
}

impl Events {
    /// A registry that lets 1,024 events be emitted and forgotten at a time.
    pub fn new() -> Self {
        Self::builder().build()
    }

    /// A registry with other limits.
    pub fn builder() -> EventsBuilder {
        EventsBuilder { forgotten_max: 1024, strategy: Strategy::default(), clock: Clock::default() }
    }

    /// Another handle to the same handlers, whose emissions follow this strategy.
    #[must_use = "changes nothing here, but makes another handle"]
    pub fn with_strategy(&self, strategy: Strategy) -> Self {
        Self { shared: Arc::clone(&self.shared), strategy }
    }

    /// Registers a handler, at once and for good: it gets every event that is emitted after this returned, until the
    /// registration is [cancelled](Registration::cancel).
    pub fn on<E: Event>(&self, handler: impl Handler<E, ()>) -> Registration {
        self.handler::<E>().on(handler)
    }

    /// Registers a handler that can fail. What it fails with is its [`Outcome`](super::Outcome).
    pub fn on_fallible<E: Event>(&self, handler: impl Handler<E, Result<(), HandlerError>>) -> Registration {
        self.handler::<E>().on_fallible(handler)
    }

    /// Options for a handler; ends with [`on`](HandlerBuilder::on) or [`on_fallible`](HandlerBuilder::on_fallible).
    pub fn handler<E: Event>(&self) -> HandlerBuilder<E> {
        HandlerBuilder::new(self.clone())
    }

    /// Puts a middleware around every call of every handler, also of those that are registered already. The first one
    /// is the outermost.
    ///
    /// It runs within the timeout of the handler, once for each attempt. It may call the handler later or not at all,
    /// and its result is that of the call. With more than [`LAYERS_MAX`](super::LAYERS_MAX) of them every event is
    /// refused. Those [of one handler](HandlerBuilder::wrap) are inside of these.
    ///
    /// ```
    /// use capstone_bus::events::Events;
    ///
    /// let events = Events::new();
    /// events.wrap(|call, next| async move {
    ///     let (handler, attempt) = (call.handler.clone(), call.attempt);
    ///     let result = next.run(call).await;
    ///     println!("{handler}, attempt {attempt}: {}", if result.is_ok() { "done" } else { "failed" });
    ///     result
    /// });
    /// ```
    pub fn wrap<F, Fut>(&self, layer: F)
    where
        F: Fn(Call, Next) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), HandlerError>> + Send + 'static,
    {
        self.shared.wrap(layer);
    }

    /// What was counted so far for the handlers that are registered.
    pub fn stats(&self) -> EventsStats {
        let handlers = self.shared.registry.all().iter().map(|slot| RegistrationStats::of(slot)).collect();
        EventsStats { forgotten: self.shared.tasks.forgotten(), handlers }
    }

    /// Refuses events from now on, except from handlers that still run. Closing twice is closing once.
    pub fn close(&self) {
        self.shared.tasks.close();
    }

    /// Whether events are refused.
    pub fn is_closed(&self) -> bool {
        self.shared.tasks.is_closed()
    }
}

impl Default for Events {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Events {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Events")
            .field("strategy", &self.strategy)
            .field("closed", &self.is_closed())
            .finish_non_exhaustive()
    }
}

/// Options of a registry; made by [`Events::builder`].
#[derive(Clone, Debug)]
#[must_use = "does nothing until it is built"]
pub struct EventsBuilder {
    forgotten_max: usize,
    strategy: Strategy,
    clock: Clock,
}

impl EventsBuilder {
    /// How many events that were emitted and forgotten may be under way at a time; 1,024 without this. With 0, none.
    pub fn forgotten_max(mut self, events: usize) -> Self {
        self.forgotten_max = events;
        self
    }

    /// What happens when a handler has failed, for handles that do not say otherwise by
    /// [`with_strategy`](Events::with_strategy); the others are called all the same without this.
    pub fn strategy(mut self, strategy: Strategy) -> Self {
        self.strategy = strategy;
        self
    }

    /// Where the events read the wall time, which stands in dead letters; the system's without this. A panic is taken for
    /// 1970.
    pub fn clock(self, now: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        self.with_clock(Clock::new(now))
    }

    pub(crate) fn with_clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Makes the registry.
    pub fn build(self) -> Events {
        let shared = Shared::new(self.forgotten_max, self.clock);
        Events { shared: Arc::new(shared), strategy: self.strategy }
    }
}
