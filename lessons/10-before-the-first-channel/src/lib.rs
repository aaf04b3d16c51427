//! Lesson 10: before the first channel. What a future is, what a task is, and what stops both.
//!
//! Read in this order; `cargo run -p lesson-10` tells the same story.
//!
//! - [`publish`](mod@publish): an async function does nothing until it is awaited. Start here.
//! - [`tasks`]: `spawn` starts at once; the handle brings the result back
//! - [`by_hand`]: what an await does, one poll at a time
//! - [`blocking`]: a task that blocks its thread, and how to wait without
//! - [`disk`]: a slow disk, for the tests of `blocking`
//! - [`wrong`]: the same ideas gone wrong
//! - [`story`](mod@story): the scenes that `main` tells

pub mod blocking;
pub mod by_hand;
pub mod disk;
pub mod publish;
pub mod story;
pub mod tasks;
pub mod wrong;

pub use story::story;
