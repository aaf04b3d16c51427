//! The store in PostgreSQL: messages of any number of applications, carried by any number of relays.
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use std::sync::Arc;
//!
//! use capstone_outbox::postgres::{self, PostgresStore, Target};
//! use capstone_outbox::sink::StdoutSink;
//! use capstone_outbox::{Message, Relay, RelayConfig};
//!
//! let target = Target::parse("postgres://shop@localhost/shop")?;
//! target.migrate().await?; // Beside the application's own tables.
//!
//! // The service: an order and its message are committed together, or not at all.
//! let mut client = target.client().await?; // Or the application's own `tokio_postgres::Client`, or a pool's.
//! let tx = client.transaction().await?;
//! tx.execute("INSERT INTO orders (cents) VALUES (1250)", &[]).await?;
//! let message = Message::new("orders.created".parse()?, r#"{"cents":1250}"#).with_key("order-1")?;
//! postgres::enqueue(&tx, &message).await?; // Last: until the commit others wait who enqueue for order-1.
//! tx.commit().await?;
//!
//! // The relay, in the same process or in others; several share the work.
//! let store = Arc::new(PostgresStore::connect(&target).await?);
//! let mut relay = Relay::new(store, Arc::new(StdoutSink::new()?), RelayConfig::default())?;
//! relay.run(std::future::pending()).await?;
//! # Ok(())
//! # }
//! ```
//!
//! From another language, in the transaction that it belongs to:
//! `SELECT outbox_enqueue('orders.created', 'order-1', '{"cents":1250}')`.
//!
//! Through another library in Rust, in its own transaction: [`call`].
//!
//! Start with [`PostgresStore::connect`] and [`enqueue`]. `address`, `encryption`, `dial`, `tls` and `target` make connections, `schema` the
//! tables, `admit` looks whether both are fit. `fetch` and `due` are what the relay reads, `seen` what its session has read,
//! `settle` what it writes, `lanes` whose they are, `bell` and `news` what wakes it; `operations` and `commands` are the operator's
//! side, `doctor` examines the database, `explain` asks for plans. `stream` is that of the durable topics, `inbox` that of
//! those who receive.

mod address;
mod admit;
mod bell;
mod call;
mod columns;
mod commands;
mod dial;
mod doctor;
mod due;
mod encryption;
mod enqueue;
mod explain;
mod failure;
mod fetch;
mod inbox;
mod lanes;
mod lend;
mod news;
mod operations;
mod row;
mod schema;
mod seen;
mod settle;
mod status;
mod store;
mod stream;
mod target;
#[cfg(feature = "postgres-tls")]
mod tls;

pub use crate::batch::{Enqueued, Once};
pub use call::{Call, call};
pub use enqueue::{EnqueueError, enqueue, enqueue_bulk, enqueue_many};
pub use inbox::{Inbox, InboxError};
pub use store::PostgresStore;
pub use stream::{PublishError, publish, publish_many};
pub use target::Target;

/// The statements that lead from a version of the tables to this program's, 0 from none, for a tool that keeps migrations:
/// all of them in one transaction. Empty if nothing is missing.
#[must_use]
pub fn migration(from: usize) -> String {
    schema::script(from)
}
