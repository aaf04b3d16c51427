//! Lesson 14: a concurrent relay. Spawn a task for each event, collect the handles, await them all.
//!
//! Read in this order; `cargo run -p lesson-14` plays the same scenes, and writes `async_log.txt`.
//!
//! - [`relay`](mod@relay): spawn, collect, await: it takes as long as the slowest event. Start here.
//! - [`event`]: the events in the outbox, as in lesson 13
//! - [`log`]: one task owns the file, and the others send it their entries
//! - [`service`]: the loop that a service runs: query, publish, mark, repeat
//! - [`file`](mod@file): a slow file, for the scenes and the tests
//! - `clock`: the time that the log shows there
//! - [`wrong`]: the same ideas gone wrong
//! - [`schedule`]: what holds in every schedule, and what does not
//! - [`story`](mod@story): the scenes that `main` plays
//!
//! A task owns its event: the event is moved into the task, and cannot be used afterwards.
//!
//! ```compile_fail,E0382
//! # use lesson_14::event::OutboxEvent;
//! let event = OutboxEvent::Upload("report.pdf".to_owned());
//! tokio::spawn(async move { event.publish(shared::Pace::FULL).await });
//! println!("{event:?}");
//! ```
//!
//! No clone is needed, and `OutboxEvent` has none:
//!
//! ```compile_fail,E0599
//! # use lesson_14::event::OutboxEvent;
//! let event = OutboxEvent::Upload("report.pdf".to_owned());
//! let second = event.clone();
//! ```
//!
//! A task may outlive the function that spawns it, so it must not borrow from that function; and it may move to another
//! thread, so what it holds across an await must be `Send`. Two programs that ignore this are in `tests/refused`, with what
//! the compiler says about them.

mod clock;
pub mod event;
pub mod file;
pub mod log;
pub mod relay;
pub mod schedule;
pub mod service;
pub mod story;
pub mod wrong;

pub use story::story;

/// `tests/refused` compiles this file against a stand-in for Tokio, to compare the message. Tokio refuses it too.
#[cfg(doctest)]
#[doc = concat!("```compile_fail,E0597\n", include_str!("../tests/refused/borrowed.rs"), "```")]
mod borrowed {}

/// Likewise. This error has no code.
#[cfg(doctest)]
#[doc = concat!("```compile_fail\n", include_str!("../tests/refused/not_send.rs"), "```")]
mod not_send {}
