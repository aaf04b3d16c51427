//! Lesson 18: task tracker. A service that is asked to stop finishes what it has started, in order and by a deadline.
//!
//! Read in this order; `cargo run -p lesson-18` plays the scenes.
//!
//! - [`service`]: a relay that drains before it ends: a token asks, a tracker waits. Start here.
//! - [`signals`]: the operating system asks, by a signal
//! - [`watched`]: a panic in a task that nobody awaits, and how to notice it
//! - [`broker`]: how long it takes to publish a row, and what can go wrong
//! - [`wrong`]: the same ideas gone wrong
//! - [`story`](mod@story): the scenes that `main` plays

pub mod broker;
pub mod service;
pub mod signals;
pub mod story;
pub mod watched;
pub mod wrong;

pub use story::story;
