//! Typed events: handlers by the type of what happened, for those who would rather write a function than a loop around
//! a subscription.
//!
//! It is no queue: [`emit`](Events::emit) calls the handlers and waits for them, and what is emitted without a handler
//! is gone.
//!
//! Start with [`Bus::on`](crate::Bus::on) and [`Bus::emit`](crate::Bus::emit); [`Events`] is the same without a bus.
//!
//! ```
//! use std::{sync::Arc, time::Duration};
//! use capstone_bus::{Bus, events::{Event, Outcome, RetryPolicy}};
//!
//! struct OrderCreated { order: u64, cents: u64 }
//!
//! impl Event for OrderCreated {
//!     const TOPIC: &'static str = "orders.created";
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let bus = Bus::new();
//!
//! // Registered at once and for good; every handler gets the same shared event.
//! bus.on::<OrderCreated>(|event| async move {
//!     println!("order {} for {} cents", event.order, event.cents);
//! });
//!
//! // Options come first. A handler that can fail returns a `Result`, and may use `?`.
//! bus.handler::<OrderCreated>()
//!     .name("billing")
//!     .priority(10)
//!     .concurrency(4)
//!     .timeout(Duration::from_secs(2))
//!     .retry(RetryPolicy::attempts(3).base(Duration::from_millis(1)))
//!     .dead_letter(async |letter| eprintln!("{}: {}", letter.handler, letter.reason))
//!     .on_fallible(async |event| {
//!         let cents: u32 = event.cents.try_into()?;
//!         if cents == 0 { Err("nothing to bill".into()) } else { Ok(()) }
//!     });
//!
//! // A handler that needs something shares it with each of its calls.
//! let mailed = Arc::new(std::sync::Mutex::new(Vec::new()));
//! let registration = bus.on::<OrderCreated>({
//!     let mailed = Arc::clone(&mailed);
//!     move |event| {
//!         let mailed = Arc::clone(&mailed);
//!         async move { mailed.lock().unwrap().push(event.order) }
//!     }
//! });
//!
//! // The emitter waits for all handlers, and learns what became of each.
//! let report = bus.emit(OrderCreated { order: 7, cents: 1250 }).await;
//! assert!(report.is_ok());
//!
//! let report = bus.emit(OrderCreated { order: 8, cents: 0 }).await;
//! let failure = report.failures().next().unwrap();
//! assert_eq!((&*failure.handler, failure.attempts), ("billing", 3));
//! assert_eq!(failure.outcome.to_string(), "nothing to bill");
//! assert!(matches!(report.handlers[1].outcome, Outcome::Ok), "the others have run all the same");
//! assert_eq!(*mailed.lock().unwrap(), [7, 8]);
//!
//! // It can be taken away again; with `scoped()` that happens when the guard is dropped.
//! registration.cancel();
//!
//! // Or without waiting, until the shutdown waits.
//! bus.emit_and_forget(OrderCreated { order: 9, cents: 100 })?;
//! let report = bus.shutdown(Duration::from_secs(10)).await;
//! assert_eq!((report.events.finished, report.events.left_over), (1, 0));
//! assert_eq!(*mailed.lock().unwrap(), [7, 8]);
//! # Ok(())
//! # }
//! ```
//!
//! # Map
//!
//! | module | what it is |
//! | --- | --- |
//! | `event`, `handler` | [`Event`], [`Handler`]: what can be emitted, and what can be registered |
//! | `events`, `shared` | [`Events`], the handle; what its clones share |
//! | `builder`, `registration`, `cancel` | [`HandlerBuilder`], [`Registration`]: the way in and the way out |
//! | `registry`, `slot` | which handlers an event has; the way of an event to one, from its filter to its dead letter |
//! | `dead_letter` | [`DeadLetter`] |
//! | `actor` | [`Actor`]: a handler with state, one for each key |
//! | `emit`, `chain`, `report` | calling the handlers; nested emissions; [`EmitReport`] |
//! | `forget`, `tasks` | emitting without waiting; what a shutdown waits for |
//! | `stats` | [`EventsStats`] |
//!
//! What the options do to a call is in `pipeline/`, which the handlers of topics run too: [`RetryPolicy`], [`RatePolicy`],
//! [`Call`] and [`Next`] for middleware, [`Outcome`], [`HandlerError`], [`HandlerStats`].

pub(crate) mod actor;
pub(crate) mod builder;
pub(crate) mod cancel;
pub(crate) mod chain;
pub(crate) mod dead_letter;
pub(crate) mod emit;
pub(crate) mod event;
#[expect(clippy::module_inception, reason = "the file of `Events` has its name, as everywhere")]
pub(crate) mod events;
pub(crate) mod forget;
pub(crate) mod handler;
pub(crate) mod middleware;
pub(crate) mod registration;
pub(crate) mod registry;
pub(crate) mod report;
pub(crate) mod shared;
pub(crate) mod slot;
pub(crate) mod stats;
pub(crate) mod tasks;

pub use actor::{Actor, ActorError};
pub use builder::HandlerBuilder;
/// Gives a type its topic, with the feature `derive`.
///
/// ```
/// use capstone_bus::events::Event;
///
/// #[derive(Event)]
/// #[event(topic = "orders.created")]
/// struct OrderCreated { order: u64 }
///
/// assert_eq!(OrderCreated::TOPIC, "orders.created");
/// # assert_eq!(OrderCreated { order: 7 }.order, 7);
/// ```
///
/// A type without a topic does not compile:
///
/// ```compile_fail
/// # use capstone_bus::events::Event;
/// #[derive(Event)]
/// struct OrderCreated; // `OrderCreated` has no topic: add #[event(topic = "…")]
/// ```
///
/// nor does one whose topic breaks the grammar:
///
/// ```compile_fail
/// # use capstone_bus::events::Event;
/// #[derive(Event)]
/// #[event(topic = "orders..created")] // topic "orders..created": token 2 is empty
/// struct OrderCreated;
/// ```
///
/// or one that has another option, or what cannot go to another thread:
///
/// ```compile_fail
/// # use capstone_bus::events::Event;
/// #[derive(Event)]
/// #[event(topic = "orders.created", key = "order")] // unknown option; there is only `topic = "…"`
/// struct OrderCreated;
/// ```
///
/// ```compile_fail,E0277
/// # use capstone_bus::events::Event;
/// #[derive(Event)]
/// #[event(topic = "orders.created")]
/// struct OrderCreated(std::rc::Rc<str>); // `Rc<str>` cannot be sent between threads safely
/// ```
#[cfg(feature = "derive")]
pub use capstone_bus_derive::Event;
pub use chain::DEPTH_MAX;
pub use dead_letter::DeadLetter;
pub use event::{AnyEvent, Event};
pub use events::{Events, EventsBuilder, Strategy};
pub use forget::{DrainReport, ForgetError};
pub use handler::Handler;
pub use middleware::{Call, Next};
pub use registration::{Registration, ScopedRegistration};
pub use report::{EmitError, EmitReport, HandlerReport, Refused};
pub use stats::{EventsStats, RegistrationStats};

pub use crate::pipeline::error::HandlerError;
pub use crate::pipeline::failure::FailureKind;
pub use crate::pipeline::middleware::LAYERS_MAX;
pub use crate::pipeline::outcome::{LimitError, Outcome, Skip};
pub use crate::pipeline::rate::RatePolicy;
pub use crate::pipeline::retry::RetryPolicy;
pub use crate::pipeline::stats::HandlerStats;
