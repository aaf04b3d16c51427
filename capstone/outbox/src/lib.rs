//! A transactional outbox: messages leave a database in the same commit as the business change they
//! tell about, and a relay carries them on, at least once and in order per key.
//!
//! ```
//! use std::sync::Arc;
//!
//! use capstone_outbox::sink::FileSink;
//! use capstone_outbox::sqlite::{SqliteStore, enqueue};
//! use capstone_outbox::{Message, Relay, RelayConfig};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! # let (database, file) = (folder.path().join("shop.db"), folder.path().join("out.ndjson"));
//! // The service: an order and its message are committed together, or not at all.
//! let store = Arc::new(SqliteStore::open(&database)?);
//! store.transaction(|tx| tx.execute_batch("CREATE TABLE orders (cents INTEGER)")).await?;
//! let message = Message::new("orders.created".parse()?, r#"{"cents":1250}"#).with_key("order-1")?;
//! store
//!     .transaction(move |tx| -> rusqlite::Result<()> {
//!         tx.execute("INSERT INTO orders (cents) VALUES (1250)", [])?;
//!         enqueue(tx, &message)?;
//!         Ok(())
//!     })
//!     .await?;
//!
//! // The relay, in the same process or in another one. `run` goes on until its argument is ready.
//! let sink = Arc::new(FileSink::open(&file)?);
//! let mut relay = Relay::new(store, sink, RelayConfig::default())?;
//! let report = relay.run_until_empty(std::future::pending()).await?;
//! assert_eq!(report.published, 1);
//! # Ok(())
//! # }
//! ```
//!
//! How a service takes it into use, step by step: [`guide::sqlite`], then [`guide::postgres`] for several relays and JetStream. Programs
//! to start from are in `examples`, in Rust and in Python.
//!
//! Whoever reads a message may get it twice, after a kill: [`sqlite::Inbox`], or `postgres::Inbox`, makes that harmless. What several are to read,
//! or to read again, goes into a [`stream`].
//!
//! | module | what it holds |
//! | --- | --- |
//! | [`guide`] | from a service with a database to messages that leave it reliably |
//! | [`message`] | what goes in ([`Message`]) and what comes out ([`Envelope`]) |
//! | [`json`] | the one-line JSON form of both |
//! | [`store`] | what the relay asks of a database |
//! | [`operations`] | what an operator asks of one: dead letters, keys in trouble, pause |
//! | [`doctor`] | what an examination of a store finds, and what to do about it |
//! | [`sqlite`] | the embedded store (feature `sqlite`, on by default) |
//! | `postgres` | the store for several processes and machines (feature `postgres`) |
//! | [`memory`] | the same in memory, for tests of what uses a relay |
//! | [`sink`] | where messages go: the in-process bus, a file, standard output, NATS JetStream (feature `nats`), or yours; limits by layers (feature `tower`) |
//! | [`stream`] | durable topics: published once, read by many, each at its own pace |
//! | `testing` | what a store and a sink promise, to test one's own (feature `testing`) |
//! | [`relay`] | the way between, as a pure core and a thin shell |
//!
//! # What may grow
//!
//! [`Sink`] and [`Store`] are open: implement them for whatever you have, and test that with the feature `testing`. A new method of theirs
//! comes with a default, and so does a new field of what a store answers, whose default says nothing. What a relay asks of a store, such as
//! [`store::Change`] and [`store::Look`], is complete on purpose: whoever implements one must deal with all of it. [`Operations`],
//! [`stream::StreamStore`] and [`sqlite::InTransaction`] are not open. Settings, reports and errors are `#[non_exhaustive]`: settings are
//! built from their default, and a `match` on the others has an arm for what is still to come.
#![warn(missing_docs)]

mod batch;
mod config;
pub mod doctor;
mod error;
#[doc(hidden)]
pub mod failpoint;
pub mod guide;
pub mod json;
mod lane;
pub mod memory;
pub mod message;
pub mod operations;
#[cfg(feature = "postgres")]
pub mod postgres;
pub mod relay;
pub mod sink;
#[cfg(feature = "sqlite")]
pub mod sqlite;
pub mod store;
pub mod stream;
#[cfg(any(feature = "sqlite", feature = "postgres"))]
mod tables;
#[cfg(feature = "testing")]
pub mod testing;

pub use batch::{Enqueued, Once, OutboxBatch};
pub use message::{Envelope, Message, MessageId, RowId, Seq};
pub use operations::Operations;
pub use relay::{Relay, RelayConfig};
pub use sink::{Attempt, Sink, SinkError};
pub use store::{Store, StoreError};

mod sealed {
    /// Of this crate: a trait with this above it may grow.
    pub trait Sealed {}
}

/// What a caught panic said.
fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no message").to_owned()
}
