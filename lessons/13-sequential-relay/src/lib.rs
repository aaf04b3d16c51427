//! Lesson 13: a sequential relay. One event after another, each outcome printed and appended to a log file.
//!
//! Read in this order; `cargo run -p lesson-13` tells the same story, and writes `sync_log.txt`.
//!
//! - [`event`]: what waits in the outbox, and what publishing it takes. Start here.
//! - [`relay`](mod@relay): publishes one event, then the next, and goes on when one fails
//! - [`log`]: a line for each outcome, with the local time, written before the next event is begun
//! - [`wrong`]: the same ideas gone wrong
//! - [`story`](mod@story): the scenes that `main` tells

pub mod event;
pub mod log;
pub mod relay;
pub mod story;
pub mod wrong;

pub use story::story;
