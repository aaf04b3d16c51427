//! Lesson 20: hot reload. A service takes on a new configuration while it runs, and is not stopped by a bad one.
//!
//! Read in this order; `cargo run -p lesson-20` tells the same story.
//!
//! - [`reload`](mod@reload): looks at the file every 30 s, and tells what has changed. Start here.
//! - [`relay`](mod@relay): works with the newest configuration, a whole one
//! - [`config`]: what stands in the file
//! - [`file`](mod@file): a file in memory, and somebody who edits it
//! - [`wrong`]: the same ideas gone wrong
//! - [`story`](mod@story): the scenes that `main` tells

pub mod config;
pub mod file;
pub mod relay;
pub mod reload;
pub mod story;
pub mod wrong;

pub use story::story;
