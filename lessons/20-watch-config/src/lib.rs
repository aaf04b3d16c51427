//! Lesson 20: hot reload. A service applies a new configuration while it runs, and a bad one does not stop it.
//!
//! Read in this order; `cargo run -p lesson-20` runs the same scenes.
//!
//! - [`reload`](mod@reload): checks the file every 30 s and sends what has changed. Start here.
//! - [`relay`](mod@relay): uses the newest configuration, always a complete one
//! - [`config`]: what is in the file
//! - [`file`](mod@file): a file in memory, and an editor that changes it
//! - [`wrong`]: the same ideas gone wrong
//! - [`story`](mod@story): the scenes that `main` runs
//!
//! A borrow from a `watch` must not be held across an await. It is not `Send`, so `tokio::spawn` rejects a future that
//! does so:
//!
//! ```compile_fail,E0277
//! # use lesson_20::{story::one_hundred, wrong::keeps_the_borrow};
//! # use shared::{Journal, Pace};
//! # let (_tx, config) = tokio::sync::watch::channel(one_hundred());
//! tokio::spawn(keeps_the_borrow(config, Journal::new(), Pace::FULL));
//! ```
//!
//! A relay that clones the value can be spawned:
//!
//! ```no_run
//! # use lesson_20::{relay::relay, story::one_hundred};
//! # use shared::{Journal, Pace};
//! # let (_tx, config) = tokio::sync::watch::channel(one_hundred());
//! tokio::spawn(relay(config, Journal::new(), Pace::FULL));
//! ```

pub mod config;
pub mod file;
pub mod relay;
pub mod reload;
pub mod story;
pub mod wrong;

pub use story::story;
