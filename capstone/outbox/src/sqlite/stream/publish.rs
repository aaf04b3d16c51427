//! The caller's side: messages are appended to a stream inside the caller's own transaction.

use std::cell::Cell;

use rusqlite::{Connection, OptionalExtension};
use thiserror::Error;

use super::clock::Now;
use super::{StreamId, log};
use crate::message::Message;
use crate::sqlite::InTransaction;
use crate::stream::PublishAck;

thread_local! {
    /// Something was published on this thread: the store whose thread it is rings when that is committed.
    static PUBLISHED: Cell<bool> = const { Cell::new(false) };
}

/// Nothing was appended.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum PublishError {
    /// Create it first.
    #[error("stream \"{name}\" does not exist in this database")]
    NoStream {
        /// Its name.
        name: String,
    },
    /// The statement failed: the disk is full, the tables are missing.
    #[error("cannot publish to stream \"{name}\": {source}")]
    Failed {
        /// The stream's name.
        name: String,
        /// What SQLite said.
        source: rusqlite::Error,
    },
}

/// Appends the message to the stream of this name in the caller's transaction: it never begins or commits one. The rules
/// are those of [`Stream::publish`](crate::stream::Stream::publish); rolled back, the number is given to another message.
///
/// ```
/// # use std::sync::Arc;
/// # use capstone_outbox::stream::{StreamConfig, Streams};
/// # use capstone_outbox::{Message, sqlite};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let file = tempfile::NamedTempFile::new()?;
/// # let store = Arc::new(sqlite::SqliteStore::open(file.path())?);
/// # Streams::new(store).create(StreamConfig::new("orders")).await?;
/// let mut connection = rusqlite::Connection::open(file.path())?;
/// sqlite::configure(&mut connection)?;
/// # connection.execute_batch("CREATE TABLE orders (cents INTEGER)")?;
///
/// let tx = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
/// tx.execute("INSERT INTO orders (cents) VALUES (1250)", [])?;
/// let ack = sqlite::publish(&tx, "orders", &Message::new("orders.created".parse()?, "{}"))?;
/// tx.commit()?; // The order and its message, or neither.
/// assert_eq!(ack.seq.0, 1);
/// # Ok(())
/// # }
/// ```
///
/// Who waits for the stream is told at once of what [`SqliteStore::transaction`](crate::sqlite::SqliteStore::transaction)
/// has committed, and looks for commits of other connections every 10 to 250 ms.
///
/// # Errors
/// There is no such stream, or the statement failed.
pub fn publish(tx: &impl InTransaction, stream: &str, message: &Message) -> Result<PublishAck, PublishError> {
    let acks = publish_many(tx, stream, std::slice::from_ref(message))?;
    Ok(acks.into_iter().next().expect("an answer for each message"))
}

/// Appends the messages in this order. One answer for each.
///
/// # Errors
/// Those of [`publish`].
pub fn publish_many(
    tx: &impl InTransaction,
    stream: &str,
    messages: &[Message],
) -> Result<Vec<PublishAck>, PublishError> {
    let name = || stream.to_owned();
    let acks =
        append(tx, stream, messages).map_err(|source| PublishError::Failed { name: name(), source })?;
    PUBLISHED.set(true);
    acks.ok_or_else(|| PublishError::NoStream { name: name() })
}

/// Whether something was published on this thread since it was last asked.
pub(in crate::sqlite) fn has_published() -> bool {
    PUBLISHED.take()
}

fn append(
    connection: &Connection,
    stream: &str,
    messages: &[Message],
) -> rusqlite::Result<Option<Vec<PublishAck>>> {
    let mut find = connection.prepare_cached("SELECT id FROM outbox_stream WHERE name = ?1")?;
    let Some(id) = find.query_row([stream], |row| row.get(0).map(StreamId)).optional()? else {
        return Ok(None);
    };
    log::append(connection, id, messages, Now(None))
}
