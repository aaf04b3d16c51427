//! Lesson 13: a sequential relay. It publishes one event after another, and appends each outcome to a log file.
//!
//! Read in this order; `cargo run -p lesson-13` plays the same scenes, and writes `sync_log.txt`.
//!
//! - [`event`]: the events in the outbox, and how long publishing each kind takes. Start here.
//! - [`relay`](mod@relay): publishes one event, then the next, and continues when one fails
//! - [`log`]: a line for each outcome, with the local time, written before the next event is published
//! - [`wrong`]: the same ideas gone wrong
//! - [`story`](mod@story): the scenes that `main` plays
//!
//! `Cents` is made from an integer, never from an `f64`:
//!
//! ```compile_fail,E0308
//! lesson_13::event::Cents(12.50);
//! ```

pub mod event;
pub mod log;
pub mod relay;
pub mod story;
pub mod wrong;

pub use story::story;
