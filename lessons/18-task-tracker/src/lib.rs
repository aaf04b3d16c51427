//! Lesson 18: task tracker. A service that is asked to stop finishes what it has begun, in order, and by a deadline.
//!
//! Read in this order; `cargo run -p lesson-18` tells the same story.
//!
//! - [`service`]: a relay that drains before it ends: a token asks, a tracker waits. Start here.
//! - [`watched`]: a panic in a task that nobody awaits, and who sees it
//! - [`broker`]: what publishing a row takes, and what may happen to it
//! - [`wrong`]: the same ideas gone wrong
//! - [`story`](mod@story): the scenes that `main` tells

pub mod broker;
pub mod service;
pub mod story;
pub mod watched;
pub mod wrong;

pub use story::story;
