//! Lesson 10: before the first channel. What a future is, what a task is, and what stops both.
//!
//! The lesson begins with an empty folder: `first/` holds the program that the book's page "An empty folder" creates.
//! After that, read in this order; `cargo run -p lesson-10` plays the scenes.
//!
//! - [`publish`](mod@publish): an async function does nothing until it is awaited. Start here.
//! - [`tasks`]: a spawned task runs without an await; its handle returns the result
//! - [`by_hand`]: what an await does, one poll at a time
//! - [`blocking`]: waiting without blocking, and where to put work that must block
//! - [`disk`]: a slow disk, for the tests of `blocking`
//! - [`wrong`]: the same ideas gone wrong
//! - [`story`](mod@story): the scenes that `main` plays

pub mod blocking;
pub mod by_hand;
pub mod disk;
pub mod publish;
pub mod story;
pub mod tasks;
pub mod wrong;

pub use story::story;
