//! [`HandlerBuilder`]: a handler with options.

use std::any::{TypeId, type_name};
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use super::actor::ActorLimits;
use super::dead_letter::{DeadLetters, dead_letters};
use super::event::AnyEvent;
use super::handler::{AnyHandler, fallible, infallible};
use super::slot::{Slot, Spec};
use super::tasks::Spawner;
use super::{
    Call, DeadLetter, Event, Events, Handler, HandlerError, Next, RatePolicy, Registration, RetryPolicy,
};
use crate::pipeline::options::Options;
use crate::pipeline::rate::RateLimit;
use crate::pipeline::waiting_room::{Gate, WaitingRoom};

/// Options of a handler; made by [`Events::handler`], ends with [`on`](Self::on) or
/// [`on_fallible`](Self::on_fallible). The options come first, whatever their order:
///
/// - An event passes the [`filter`](Self::filter), then waits for its turn under the
///   [`concurrency`](Self::concurrency), and holds it to the end, delays between attempts included.
/// - Each attempt waits for its [`rate`](Self::rate), and then has its [`timeout`](Self::timeout). Middleware is within
///   the timeout, waiting is not.
/// - What fails, panics or runs out of time is [repeated](Self::retry), and finally a [dead
///   letter](Self::dead_letter).
///
/// # Full
///
/// Emissions wait for a turn in order, each in its own task, and there may be any number of those. So at most
/// [`waiting_max`](Self::waiting_max) wait for one handler, 1,024 without this; for the next one the handler fails with
/// [`LimitError::Busy`](super::LimitError::Busy) at once. An emission that waits for one handler does not keep the
/// others of its class from running.
#[must_use = "registers nothing until it ends with `on`"]
pub struct HandlerBuilder<E> {
    events: Events,
    name: Option<Arc<str>>,
    priority: i32,
    pub(crate) room: Arc<WaitingRoom>,
    concurrency: Option<usize>,
    options: Options<AnyEvent>,
    pub(crate) dead_letters: Option<DeadLetters>,
    pub(crate) actors: ActorLimits,
    event: PhantomData<fn(E)>,
}

impl<E: Event> HandlerBuilder<E> {
    pub(crate) fn new(events: Events) -> Self {
        Self {
            events,
            name: None,
            priority: 0,
            room: Arc::new(WaitingRoom::new(1024)),
            concurrency: None,
            options: Options::default(),
            dead_letters: None,
            actors: ActorLimits::default(),
            event: PhantomData,
        }
    }

    /// A name for people, shown in reports and statistics. Without this, the name of the handler's type.
    pub fn name(mut self, name: impl Into<Arc<str>>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// The class of the handler; 0 without this. Classes run one after another, the highest first; the handlers of one
    /// class run at the same time.
    pub fn priority(mut self, class: i32) -> Self {
        self.priority = class;
        self
    }

    /// Which events the handler wants; it is skipped for the others. Of several filters, all must want the event. One
    /// that panics is the panic of the handler.
    pub fn filter(mut self, wants: impl Fn(&E) -> bool + Send + Sync + 'static) -> Self {
        self.options.filters.push(move |event: &AnyEvent| {
            wants(event.downcast_ref().expect("handlers are found by the type of the event"))
        });
        self
    }

    /// At most this many events at a time, in order of arrival.
    ///
    /// An event that the handler emits itself, and awaits, runs in the turn of the call that emitted it: otherwise the
    /// two would wait for each other. Two handlers with limits, each of which emits the event of the other, can still
    /// do so; give them a timeout.
    ///
    /// # Panics
    ///
    /// With 0.
    pub fn concurrency(mut self, events: usize) -> Self {
        assert!(events > 0, "a handler with concurrency 0 would never run");
        self.concurrency = Some(events);
        self
    }

    /// How many emissions may wait for a turn under the concurrency, or for the rate; 1,024 without this. With 0, nobody
    /// waits. One that has its turn, or waits for its next attempt, needs no place any more: it is in front of all these.
    pub fn waiting_max(mut self, emissions: usize) -> Self {
        self.room = Arc::new(WaitingRoom::new(emissions));
        self
    }

    /// At most this many calls begin in any window of the length `per`; retries are calls too.
    ///
    /// Under [`RatePolicy::Drop`] a retry that exceeds the rate is given up; under [`RatePolicy::Error`] a call that
    /// exceeds it is a failed attempt.
    ///
    /// # Panics
    ///
    /// With 0 calls.
    pub fn rate(mut self, calls: usize, per: Duration, policy: RatePolicy) -> Self {
        assert!(calls > 0, "a handler with rate 0 would never run");
        self.options.rate = Some(RateLimit { calls, per, policy });
        self
    }

    /// How long an attempt may take. Then it is dropped at the `await` where it is.
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.options.timeout = Some(limit);
        self
    }

    /// Calls the handler again when it has failed, panicked or run out of time; once without this. A
    /// [permanent](HandlerError::permanent) error ends the attempts.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.options.retry = policy;
        self
    }

    /// Puts a middleware around every call of this handler. The first one is the outermost, and those of
    /// [all handlers](Events::wrap) are around it; for the rest it is as they are.
    ///
    /// When there are more than [`LAYERS_MAX`](super::LAYERS_MAX) with those of all handlers, every event is refused.
    pub fn wrap<F, Fut>(mut self, layer: F) -> Self
    where
        F: Fn(Call, Next) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), HandlerError>> + Send + 'static,
    {
        self.options.layers = self.options.layers.with(layer);
        self
    }

    /// Where an event goes that the handler has finally failed on. The emission waits for it.
    ///
    /// With the feature `bridge` there is also `dead_letters_to(&bus)`.
    pub fn dead_letter<F, Fut>(self, put_away: F) -> Self
    where
        F: Fn(DeadLetter<E>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = ()> + Send + 'static,
    {
        self.dead_letter_fallible(move |letter| {
            let put_away = put_away(letter);
            async move {
                put_away.await;
                Ok(())
            }
        })
    }

    /// Like [`dead_letter`](Self::dead_letter), for a place that may fail to take it. That is only counted.
    pub fn dead_letter_fallible<F, Fut>(mut self, put_away: F) -> Self
    where
        F: Fn(DeadLetter<E>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), HandlerError>> + Send + 'static,
    {
        self.dead_letters = Some(dead_letters(put_away));
        self
    }

    /// Registers the handler, at once and for good; see [`Events::on`].
    pub fn on<H: Handler<E, ()>>(self, handler: H) -> Registration {
        self.register(type_name::<H>(), infallible(handler))
    }

    /// Registers a handler that can fail, at once and for good.
    pub fn on_fallible<H: Handler<E, Result<(), HandlerError>>>(self, handler: H) -> Registration {
        self.register(type_name::<H>(), fallible(handler))
    }

    pub(crate) fn spawner(&self) -> Spawner {
        self.events.shared.tasks.spawner()
    }

    pub(crate) fn register(self, type_name: &str, handler: AnyHandler) -> Registration {
        let (gate, clock) = (self.concurrency.map(Gate::new), self.events.shared.clock.clone());
        let pipeline = self.options.pipeline(gate, self.room, clock);
        let spec = Spec {
            topic: E::TOPIC,
            name: self.name.unwrap_or_else(|| type_name.into()),
            priority: self.priority,
            filters: self.options.filters,
            layers: self.options.layers,
            dead_letters: self.dead_letters,
        };
        let (event, slot) = (TypeId::of::<E>(), Arc::new(Slot::new(spec, handler, pipeline)));
        self.events.shared.registry.add(event, Arc::clone(&slot));
        Registration::new(&self.events.shared, event, &slot)
    }
}

impl<E: Event> fmt::Debug for HandlerBuilder<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HandlerBuilder")
            .field("topic", &E::TOPIC)
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}
