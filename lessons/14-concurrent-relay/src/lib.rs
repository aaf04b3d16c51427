//! Lesson 14: a concurrent relay. Spawn a task for each event, collect the handles, await them all.
//!
//! Read in this order; `cargo run -p lesson-14` tells the same story, and writes `async_log.txt`.
//!
//! - [`relay`](mod@relay): spawn, collect, await: as long as the slowest event. Start here.
//! - [`event`]: what waits in the outbox; the same as in lesson 13
//! - [`log`]: one task owns the file, and the others send it their lines
//! - [`service`]: the loop of a service: query, publish, mark, repeat
//! - [`file`](mod@file): a slow file, for the scenes and the tests
//! - [`wrong`]: the same ideas gone wrong
//! - [`story`](mod@story): the scenes that `main` tells
//!
//! A task owns its event: it is moved, and nobody can use it afterwards.
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

pub mod event;
pub mod file;
pub mod log;
pub mod relay;
pub mod service;
pub mod story;
pub mod wrong;

pub use story::story;
