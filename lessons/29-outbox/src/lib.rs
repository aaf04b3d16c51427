//! Lesson 29: an outbox. The event is a row in the transaction of the order, and a relay publishes it: poll, publish, mark.
//!
//! Read in this order; `cargo run -p lesson-29` plays the same scenes, and then kills real processes.
//!
//! - [`shop`]: the order and its event, in one transaction. Start here.
//! - [`relay`]: publishes what is not marked, marks it, and replays
//! - [`warehouse`]: the consumer, whose inbox recognizes what comes twice
//! - [`late`]: rows that commit in another order than their numbers
//! - [`wrong`]: the same ideas gone wrong
//! - [`database`], [`broker`]: SQLite behind async functions; what a broker promises
//! - [`process`], [`crashes`]: child processes on real files, which are killed at a point
//! - [`story`](mod@story), [`world`]: the scenes that `main` plays, and where

pub mod broker;
pub mod crashes;
pub mod database;
pub mod late;
pub mod process;
pub mod relay;
pub mod shop;
pub mod story;
pub mod warehouse;
pub mod world;
pub mod wrong;

pub use story::story;

/// Why something was not done: the database's error, or the broker's.
pub type Error = Box<dyn std::error::Error + Send + Sync>;

/// A result with that error.
pub type Result<T> = std::result::Result<T, Error>;
