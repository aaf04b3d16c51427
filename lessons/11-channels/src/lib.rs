//! Lesson 11: channels. A task owns its data and sends it on, instead of sharing it under a lock.
//!
//! Read in this order; `cargo run -p lesson-11` tells the same story.
//!
//! - [`producers`]: two producers, one consumer, and how a channel ends. Start here.
//! - [`capacity`]: a full channel makes the sender wait
//! - [`sending`]: what `send` promises, and sending without losing the value
//! - [`order`]: which order holds, and which does not
//! - [`relay`]: a poller finds work, workers do it
//! - [`wrong`]: the same ideas gone wrong
//! - [`story`](mod@story): the scenes that `main` tells
//!
//! An `mpsc` channel has one consumer. Its receiver cannot be cloned:
//!
//! ```compile_fail,E0599
//! let (_tx, rx) = tokio::sync::mpsc::channel::<String>(3);
//! let second = rx.clone();
//! ```

pub mod capacity;
pub mod order;
pub mod producers;
pub mod relay;
pub mod sending;
pub mod story;
pub mod wrong;

pub use story::story;
