//! Lesson 26: typed events. A handler is an async function of an event; the bus finds it by the event's type.
//!
//! Read in this order; `cargo run -p lesson-26` plays the scenes.
//!
//! - [`bus`]: the bus, in about 150 lines; [`report`]: what a handler returns, and what became of an event. Start here.
//! - [`order`](mod@order): an order and its four handlers
//! - [`parcel`]: batches, and events whose emitter does not wait
//! - [`shipping`]: three operations inside a handler; [`import`]: a stream inside a handler
//! - [`limits`]: at most 10 calls at once, at most 100 a minute
//! - [`points`]: one actor for each customer
//! - [`pipeline`](mod@pipeline): a handler that emits
//! - [`gateway`]: a service behind a trait, so that a test can replace it
//! - [`photos`]: a computation inside a handler
//! - [`sharing`]: one client, one configuration; [`upload`]: little memory
//! - [`wrong`]: the same ideas gone wrong
//! - [`story`](mod@story): the scenes that `main` plays

pub mod bus;
pub mod gateway;
pub mod import;
pub mod limits;
pub mod order;
pub mod parcel;
pub mod photos;
pub mod pipeline;
pub mod points;
pub mod report;
pub mod sharing;
pub mod shipping;
pub mod story;
pub mod upload;
pub mod wrong;

pub use bus::{Event, EventBus, Handler, WeakBus};
pub use report::{Handled, HandlerError, Outcome, Report};
pub use story::story;
