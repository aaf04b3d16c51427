//! The caller's side: a message becomes a row inside the caller's own transaction.

use std::ops::Deref;

use rusqlite::{Connection, Savepoint, Transaction};
use thiserror::Error;

use crate::batch::Enqueued;
use crate::failpoint::{self, Point};
use crate::message::{Message, Seq};

// ANCHOR: in-transaction
/// A connection with an open transaction. Outside one, a message could be committed without its business row.
pub trait InTransaction: sealed::Sealed + Deref<Target = Connection> {}

impl InTransaction for Transaction<'_> {}
impl InTransaction for Savepoint<'_> {}
// ANCHOR_END: in-transaction

mod sealed {
    pub trait Sealed {}
    impl Sealed for rusqlite::Transaction<'_> {}
    impl Sealed for rusqlite::Savepoint<'_> {}
}

/// The row could not be written.
#[derive(Debug, Error)]
#[error("cannot enqueue message {id}: {source}")]
pub struct EnqueueError {
    id: crate::MessageId,
    source: rusqlite::Error,
}

/// So that `?` works beside the caller's own statements.
impl From<EnqueueError> for rusqlite::Error {
    fn from(error: EnqueueError) -> Self {
        error.source
    }
}

/// Writes the message in the caller's transaction: it never begins or commits one.
///
/// ```
/// # use capstone_outbox::{Message, sqlite};
/// # let file = tempfile::NamedTempFile::new()?;
/// # sqlite::SqliteStore::migrate(file.path())?;
/// let mut connection = rusqlite::Connection::open(file.path())?;
/// sqlite::configure(&mut connection)?;
/// connection.execute_batch("CREATE TABLE orders (id INTEGER PRIMARY KEY, cents INTEGER)")?;
///
/// let tx = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
/// tx.execute("INSERT INTO orders (cents) VALUES (1250)", [])?;
/// let message = Message::new("orders.created".parse()?, r#"{"cents":1250}"#).with_key("order-1")?;
/// sqlite::enqueue(&tx, &message)?;
/// tx.commit()?; // The order and its message, or neither.
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// The statement failed: the disk is full, the tables are missing.
pub fn enqueue(tx: &impl InTransaction, message: &Message) -> Result<Enqueued, EnqueueError> {
    insert(tx, message).map_err(|source| EnqueueError { id: message.id, source })
}

/// Writes the messages in this order. An [`OutboxBatch`](crate::OutboxBatch) gathers them.
///
/// # Errors
/// A statement failed; the messages before it are written.
pub fn enqueue_many(tx: &impl InTransaction, messages: &[Message]) -> Result<Vec<Enqueued>, EnqueueError> {
    messages.iter().map(|message| enqueue(tx, message)).collect()
}

// ANCHOR: insert
fn insert(connection: &Connection, message: &Message) -> rusqlite::Result<Enqueued> {
    let mut insert = connection.prepare_cached(
        "INSERT INTO outbox (id, topic, key, headers, payload)
         SELECT ?1, ?2, ?3, ?4, ?5 WHERE NOT EXISTS (SELECT 1 FROM outbox_dead WHERE id = ?1)
         ON CONFLICT (id) DO NOTHING",
    )?;
    let headers = serde_json::to_string(&message.headers).expect("a map of strings is JSON");
    let id: &[u8] = message.id.as_bytes();
    let rows = insert.execute((id, message.topic.as_ref(), &message.key, headers, &message.payload[..]))?;
    failpoint::pass(Point::Enqueued);
    Ok(if rows == 1 { Enqueued::New(Seq(connection.last_insert_rowid())) } else { Enqueued::Skipped })
}
// ANCHOR_END: insert
