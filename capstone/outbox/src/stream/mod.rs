//! Durable topics: what is published to a stream stays, and each consumer reads it at its own pace, from where it
//! likes. Publishing returns after the commit; a consumer is only notified and pulls, so a slow one blocks nobody.
//!
//! ```
//! use std::sync::Arc;
//!
//! use capstone_outbox::sqlite::SqliteStore;
//! use capstone_outbox::stream::{Start, StreamConfig, Streams};
//! use capstone_outbox::Message;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! # let database = folder.path().join("shop.db");
//! let streams = Streams::new(Arc::new(SqliteStore::open(&database)?));
//! let orders = streams.create(StreamConfig::new("orders").count_max(1_000_000)).await?;
//! let ack = orders.publish(Message::new("orders.created".parse()?, "{}")).await?;
//! assert_eq!(ack.seq.0, 1);
//!
//! // A durable consumer goes on where it was, also after a restart. Several may pull for one name: each message
//! // goes to one of them.
//! let mut billing = orders.consumer("billing").filter("orders.*".parse()?).start(Start::First).open().await?;
//! let delivery = billing.next().await?;
//! assert_eq!(delivery.topic, "orders.created");
//! delivery.ack().await?;
//! # Ok(())
//! # }
//! ```
//!
//! A message is delivered until it is acknowledged: again when nobody has answered within the ack wait, again after
//! a back-off when it was given back. [`deliveries_max`](ConsumerBuilder::deliveries_max) sets a limit: then it is a dead letter
//! of this consumer, which [`Stream::redrive`] delivers to it once more.
//!
//! A delivery counts when it is handed out, not when it is fetched ahead. What is handed out for the first time is told to the
//! database with the next write, which costs nothing, and a kill before it leaves that one uncounted. What comes again is
//! counted before it is handed out: a message that kills each of its consumers is given up.
//!
//! Whoever must not do a thing twice asks an inbox ([`sqlite::Inbox`](crate::sqlite::Inbox)) in the transaction that
//! does it.
//!
//! # Publishing with what it is about
//! [`sqlite::publish`](crate::sqlite::publish), or `postgres::publish`, appends within the caller's own transaction: no relay is between.
//! On PostgreSQL the stream is locked until the commit; where many write, enqueue, and let a relay with the sink `stream` carry it.
//!
//! # Order
//! A stream has one order for everybody, that of its commits. One member with
//! [`pending_max(1)`](ConsumerBuilder::pending_max) sees nothing else; otherwise a message that is delivered again comes
//! behind later ones.
//!
//! # Retention
//! Each publish takes away at most about twice as much as it adds, so that no writer waits for a clean-up.
//! [`Streams::tidy`] does the same where nobody publishes; `capstone relay` and `serve` call it by themselves. Who is behind the
//! retention goes on with the oldest message there is and is told of the [`gap`](Record::gap). [`Stream::trim`],
//! [`Stream::purge`] and [`Streams::delete`] take away what retention would keep, a few rows a transaction.
//!
//! | file | what it holds |
//! | --- | --- |
//! | `handle` | [`Streams`], [`Stream`]: create, publish, ask |
//! | `config` | [`StreamConfig`], [`Start`] |
//! | `builder`, `consumer`, `seat`, `delivery` | [`Consumer`]: pulls ahead, hands out; [`Delivery`]: is answered |
//! | `reader` | [`Reader`]: only reads |
//! | `store`, `rules` | what all that asks of a database, and what every database decides in the same way |
//! | `streaming` | [`StreamingStore`]: the relay's store, whose acknowledgement is a move into a stream |

mod builder;
mod config;
mod consumer;
mod delivery;
mod error;
mod handle;
mod reader;
#[cfg(any(feature = "sqlite", feature = "postgres"))]
pub(crate) mod rules;
mod seat;
pub mod store;
mod streaming;

pub use builder::ConsumerBuilder;
pub use config::{Bounds, ConsumerConfig, Lifetime, Start, StreamConfig};
pub use consumer::Consumer;
pub use delivery::Delivery;
pub use error::StreamError;
pub use handle::{Stream, Streams};
pub use reader::Reader;
pub use store::{ConsumerInfo, DeadLetter, Letters, PublishAck, Record, Redriven, StreamInfo, StreamStore};
pub use streaming::StreamingStore;

use crate::store::Budget;

/// How much one transaction reads: the bytes bound what a pull keeps in memory, whatever the messages weigh.
fn budget(rows: usize) -> Budget {
    Budget { rows, bytes: 4 * 1024 * 1024 }
}
