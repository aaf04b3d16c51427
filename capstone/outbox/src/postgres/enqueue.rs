//! The caller's side: messages become rows inside the caller's own transaction.
//!
//! A row's number is taken before its transaction commits, so two transactions may commit in the other order. Therefore
//! the key is locked first, until the commit: within a key, numbers grow in commit order. Other keys do not wait.

use std::collections::{HashMap, HashSet};

use thiserror::Error;
use tokio_postgres::Transaction;
use uuid::Uuid;

use super::columns::Columns;
use super::failure::{is_collision, words};
use crate::batch::Enqueued;
use crate::failpoint::{self, Point};
use crate::message::{Message, Seq};

/// More keys in one statement lock their lanes instead: the server's table of locks has room for a few thousand.
const KEYS_MAX: usize = 256;

/// Numbers that were given out are not given out again.
pub(super) const CATCH_UP: &str = "SELECT setval('outbox_seq_seq', (SELECT max(seq) FROM outbox))";

/// Each message's row, behind `locked`. MATERIALIZED, so that the locks are taken, all of them, before the first number is.
macro_rules! insert_after {
    ($locks:literal) => {
        concat!(
            "WITH keys AS MATERIALIZED (
               SELECT DISTINCT hashtextextended(key, 4711) AS hash, (hashtextextended(key, 0) & 63)::integer AS lane
                 FROM unnest($3) AS key WHERE key IS NOT NULL
             ),",
            $locks,
            "INSERT INTO outbox (id, topic, key, headers, payload)
             SELECT message.id, message.topic, message.key, message.headers::json, message.payload
               FROM locked, unnest($1, $2, $3, $4, $5) WITH ORDINALITY AS message (id, topic, key, headers, payload, place)
              WHERE NOT EXISTS (SELECT FROM outbox_dead WHERE outbox_dead.id = message.id)
              ORDER BY message.place
             ON CONFLICT (id) DO NOTHING RETURNING id, seq"
        )
    };
}

/// Sorted, so that two transactions with the same keys wait for each other instead of deadlocking.
const LOCK_KEYS: &str = insert_after!(
    "lanes AS MATERIALIZED (
       SELECT pg_advisory_xact_lock_shared(4711, lane) FROM (SELECT DISTINCT lane FROM keys ORDER BY lane) AS sorted
     ),
     locked AS MATERIALIZED (
       SELECT count(pg_advisory_xact_lock(hash)::text)
         FROM (SELECT hash, taken FROM keys, (SELECT count(*) AS taken FROM lanes) AS lanes ORDER BY hash) AS sorted
     )"
);

/// Excludes everybody who locks a key of these lanes, since they all lock its lane first.
const LOCK_LANES: &str = insert_after!(
    "locked AS MATERIALIZED (
       SELECT outbox_lock_lanes(coalesce(array_agg(DISTINCT lane ORDER BY lane), '{}')) FROM keys
     )"
);

/// The rows could not be written. The transaction is broken: roll it back.
#[derive(Debug, Error)]
#[error("cannot enqueue {what}: {}", reason(source))]
pub struct EnqueueError {
    what: String,
    source: tokio_postgres::Error,
}

impl EnqueueError {
    /// Nothing is wrong with the messages: two transactions were in each other's way, and PostgreSQL ended this one. Run
    /// all of it again.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        is_collision(&self.source)
    }
}

/// What no retry heals is told with what does.
fn reason(error: &tokio_postgres::Error) -> String {
    let constraint = error.as_db_error().and_then(|said| said.constraint());
    if constraint != Some("outbox_pkey") {
        return words(error);
    }
    format!(
        "{}; the sequence outbox_seq_seq is behind the rows, as after a restore: {CATCH_UP}",
        words(error)
    )
}

/// So that `?` works beside the caller's own statements.
impl From<EnqueueError> for tokio_postgres::Error {
    fn from(error: EnqueueError) -> Self {
        error.source
    }
}

/// Writes the message in the caller's transaction: it never begins or commits one. Call it last, right before the commit:
/// until then other transactions that enqueue for the same key wait.
///
/// # Errors
/// The statement failed. After a deadlock or a failed serialization, [`EnqueueError::is_retryable`].
///
/// # Cancel safety
/// Dropped, the row may have been written or not: roll the transaction back, as dropping it does.
pub async fn enqueue(tx: &Transaction<'_>, message: &Message) -> Result<Enqueued, EnqueueError> {
    let enqueued = insert(tx, std::slice::from_ref(message), LOCK_KEYS).await;
    let enqueued =
        enqueued.map_err(|source| EnqueueError { what: format!("message {}", message.id), source })?;
    Ok(enqueued[0])
}

/// Writes the messages in this order, in one statement. An [`OutboxBatch`](crate::OutboxBatch) gathers them.
///
/// Above 256 keys it locks whole lanes, of which there are 64, until the commit: that many keys at once are a bulk load. While it
/// waits for somebody's transaction it has none of them, but whoever wants that one's lane waits behind it.
/// A transaction that enqueues thousands of keys one by one runs the server out of locks instead.
///
/// # Errors
/// Those of [`enqueue`].
///
/// # Cancel safety
/// That of [`enqueue`].
pub async fn enqueue_many(tx: &Transaction<'_>, messages: &[Message]) -> Result<Vec<Enqueued>, EnqueueError> {
    let enqueued = insert(tx, messages, locking(messages)).await;
    enqueued.map_err(|source| EnqueueError { what: format!("{} messages", messages.len()), source })
}

/// Like [`enqueue_many`], and locks whole lanes whatever the number of keys: for a load of several calls in one transaction.
/// Until its commit everybody else who enqueues with a key of these lanes waits.
///
/// # Errors
/// Those of [`enqueue`].
///
/// # Cancel safety
/// That of [`enqueue`].
pub async fn enqueue_bulk(tx: &Transaction<'_>, messages: &[Message]) -> Result<Vec<Enqueued>, EnqueueError> {
    let enqueued = insert(tx, messages, LOCK_LANES).await;
    enqueued.map_err(|source| EnqueueError { what: format!("{} messages", messages.len()), source })
}

fn locking(messages: &[Message]) -> &'static str {
    let keys: HashSet<&str> = messages.iter().filter_map(|message| message.key.as_deref()).collect();
    if keys.len() > KEYS_MAX { LOCK_LANES } else { LOCK_KEYS }
}

async fn insert(
    tx: &Transaction<'_>,
    messages: &[Message],
    statement: &str,
) -> Result<Vec<Enqueued>, tokio_postgres::Error> {
    let columns = Columns::of(messages);
    let rows = tx.query_typed(statement, &columns.parameters()).await?;
    failpoint::pass(Point::Enqueued);
    let mut new: HashMap<Uuid, i64> = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
    // The same id twice in one batch: the first of them is the row.
    let outcome = |id| new.remove(id).map_or(Enqueued::Skipped, |seq| Enqueued::New(Seq(seq)));
    Ok(columns.ids().iter().map(outcome).collect())
}
