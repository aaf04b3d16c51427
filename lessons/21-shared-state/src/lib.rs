//! Lesson 21: shared state. Several tasks use the same value through a lock; what matters is how long they hold it.
//!
//! Read in this order; `cargo run -p lesson-21` runs the same scenes.
//!
//! - [`sales`]: totals behind a lock of the standard library, which no await can hold. Start here.
//! - [`pool`]: workers that share one queue, and hold its lock only while they take an event
//! - [`session`]: a value that is loaded once, although several tasks need it at the same time
//! - [`prices`]: a connection that many callers use, owned by an actor
//! - [`wrong`]: the same ideas gone wrong
//! - [`schedule`]: what holds whenever the publishers come
//! - [`story`](mod@story): the scenes that `main` runs

pub mod pool;
pub mod prices;
pub mod sales;
pub mod schedule;
pub mod session;
pub mod story;
pub mod wrong;

pub use story::story;
