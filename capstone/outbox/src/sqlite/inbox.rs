//! The consumer's side: whether a message has been seen is remembered in the transaction that does what it asks for.

use std::time::Duration;

use rusqlite::Connection;

use super::clock::NOW_MS;
use super::enqueue::InTransaction;
use crate::batch::Once;
use crate::message::MessageId;

/// Makes a consumer that gets a message twice act on it once.
///
/// ```
/// # use capstone_outbox::{MessageId, sqlite::{Inbox, Once}};
/// let mut connection = rusqlite::Connection::open_in_memory()?;
/// Inbox::create(&connection)?;
/// connection.execute_batch("CREATE TABLE paid (cents INTEGER)")?;
/// let id = MessageId::generate();
/// for delivery in 1..=2 {
///     let tx = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
///     if Inbox::once(&tx, "billing", id)? == Once::First {
///         tx.execute("INSERT INTO paid (cents) VALUES (1250)", [])?;
///     }
///     tx.commit()?; // Then acknowledge: whoever is killed in between finds the message seen.
/// }
/// assert_eq!(connection.query_row("SELECT count(*) FROM paid", [], |row| row.get::<_, i64>(0))?, 1);
/// # Ok::<(), rusqlite::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Inbox;

impl Inbox {
    /// Notes in the caller's transaction that this consumer has seen this message.
    ///
    /// Two transactions cannot both be first: SQLite has one writer at a time.
    ///
    /// # Errors
    /// The statement failed: the disk is full, the table is missing.
    pub fn once(tx: &impl InTransaction, consumer: &str, id: MessageId) -> rusqlite::Result<Once> {
        let mut insert = tx.prepare_cached(&format!(
            "INSERT INTO outbox_inbox (consumer, id, seen_ms) VALUES (?1, ?2, {NOW_MS}) ON CONFLICT DO NOTHING"
        ))?;
        let id: &[u8] = id.as_bytes();
        Ok(if insert.execute((consumer, id))? == 1 { Once::First } else { Once::Repeat })
    }

    /// Forgets up to `limit` messages that were seen longer ago than this; returns how many. Longer than a message can
    /// take to come again, with whatever may delay it: what is forgotten is new again.
    ///
    /// # Errors
    /// Those of [`once`](Self::once).
    pub fn forget(connection: &Connection, seen_before: Duration, limit: u32) -> rusqlite::Result<usize> {
        let ms = i64::try_from(seen_before.as_millis()).unwrap_or(i64::MAX);
        let mut delete = connection.prepare_cached(&format!(
            "DELETE FROM outbox_inbox WHERE (consumer, id) IN
               (SELECT consumer, id FROM outbox_inbox WHERE seen_ms < {NOW_MS} - ?1 ORDER BY seen_ms LIMIT ?2)"
        ))?;
        delete.execute((ms, limit))
    }

    /// Creates the table where it is missing: for a consumer whose database is another one than the outbox's.
    ///
    /// # Errors
    /// Those of `once`.
    pub fn create(connection: &Connection) -> rusqlite::Result<()> {
        connection.execute_batch(include_str!("inbox.sql"))
    }
}
