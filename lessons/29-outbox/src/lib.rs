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
//!
//! While a transaction lives, its connection is borrowed, so no statement goes past it by mistake:
//!
//! ```compile_fail,E0502
//! # fn place(mut connection: rusqlite::Connection) -> rusqlite::Result<()> {
//! let tx = connection.transaction()?;
//! connection.execute("INSERT INTO orders (id, item) VALUES (1, 'lamp')", [])?;
//! tx.commit()
//! # }
//! ```
//!
//! A transaction is not `Send`, so a task cannot hold it across an await. Without that line it compiles:
//!
//! ```compile_fail
//! # fn place(mut connection: rusqlite::Connection) {
//! tokio::spawn(async move {
//!     let tx = connection.transaction().unwrap();
//!     tokio::task::yield_now().await;
//!     tx.commit().unwrap();
//! });
//! # }
//! ```
//!
//! ```
//! # fn place(mut connection: rusqlite::Connection) {
//! tokio::spawn(async move {
//!     let tx = connection.transaction().unwrap();
//!     tx.commit().unwrap();
//! });
//! # }
//! ```

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
