//! Lesson 31: pattern catalogue. The patterns of the course side by side: what each is for, what it costs, when not to use it.
//!
//! `cargo run -p lesson-31` lists them, and `-- NAME` plays one. Each is a function of at most 30 lines:
//!
//! - [`waiting`]: several futures in one task. Start here.
//! - [`tasks`]: tasks, and what owns them
//! - [`channels`]: the four channels
//! - [`state`]: data that several tasks use
//! - [`flow`]: streams, batches, workers, limits
//! - [`failure`]: what to do about an error
//! - [`delivery`]: outbox, inbox, queue group, request and reply
//!
//! [`wrong`] and [`checkout`](mod@checkout) are one program with the wrong patterns and with the right ones. What is said about a
//! pattern is in `patterns.toml`; [`catalogue`] reads it, [`show`] and [`play`] print it, and [`page`] makes the book's page of it.

pub mod catalogue;
pub mod channels;
pub mod checkout;
pub mod delivery;
pub mod failure;
pub mod flow;
pub mod page;
pub mod play;
pub mod show;
pub mod state;
pub mod story;
pub mod tasks;
pub mod waiting;
pub mod work;
pub mod wrong;

pub use story::story;
