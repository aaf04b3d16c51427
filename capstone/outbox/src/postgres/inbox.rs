//! The consumer's side: whether a message has been seen is remembered in the transaction that does what it asks for.

use std::time::Duration;

use thiserror::Error;
use tokio_postgres::types::Type;
use tokio_postgres::{GenericClient, Transaction};

use super::columns::uuid;
use super::failure::{is_collision, words};
use crate::batch::Once;
use crate::message::MessageId;

/// Makes a consumer that gets a message twice act on it once.
///
/// ```no_run
/// # use capstone_outbox::{MessageId, postgres::{Inbox, Once, Target}};
/// # async fn example(id: MessageId) -> Result<(), Box<dyn std::error::Error>> {
/// let mut client = Target::parse("postgres://shop@localhost/shop")?.client().await?;
/// let tx = client.transaction().await?;
/// if Inbox::once(&tx, "billing", id).await? == Once::First {
///     tx.execute("INSERT INTO paid (cents) VALUES (1250)", &[]).await?;
/// }
/// tx.commit().await?; // Then acknowledge: whoever is killed in between finds the message seen.
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Inbox;

/// It could not be noted. The transaction is broken: roll it back.
#[derive(Debug, Error)]
#[error("cannot note that message {id} has been seen: {}", words(source))]
pub struct InboxError {
    id: MessageId,
    source: tokio_postgres::Error,
}

impl InboxError {
    /// Nothing is wrong with the message: two transactions were in each other's way, most likely because it came twice at once. Run
    /// all of it again, and it is told which it was.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        is_collision(&self.source)
    }
}

/// So that `?` works beside the caller's own statements.
impl From<InboxError> for tokio_postgres::Error {
    fn from(error: InboxError) -> Self {
        error.source
    }
}

impl Inbox {
    /// Notes in the caller's transaction that this consumer has seen this message.
    ///
    /// Two transactions cannot both be first: the second one waits for the end of the first.
    ///
    /// # Errors
    /// The statement failed: the connection is gone, the table is missing. Under REPEATABLE READ and SERIALIZABLE a transaction
    /// cannot be told `Repeat` when the first was committed after it had begun to read: PostgreSQL ends it, and
    /// [`InboxError::is_retryable`].
    ///
    /// # Cancel safety
    /// Dropped, it may have been noted or not: roll the transaction back, as dropping it does.
    pub async fn once(tx: &Transaction<'_>, consumer: &str, id: MessageId) -> Result<Once, InboxError> {
        let insert =
            "INSERT INTO outbox_inbox (consumer, id) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING 1";
        let noted = tx.query_typed(insert, &[(&consumer, Type::TEXT), (&uuid(id), Type::UUID)]).await;
        let new = noted.map_err(|source| InboxError { id, source })?;
        Ok(if new.is_empty() { Once::Repeat } else { Once::First })
    }

    /// Forgets up to `limit` messages that were seen longer ago than this; returns how many. Longer than a message can
    /// take to come again, with whatever may delay it: what is forgotten is new again.
    ///
    /// # Errors
    /// The statement failed: the connection is gone, the table is missing.
    ///
    /// # Cancel safety
    /// Dropped, they may have been forgotten or not.
    pub async fn forget(
        client: &impl GenericClient,
        seen_before: Duration,
        limit: u32,
    ) -> Result<usize, tokio_postgres::Error> {
        let delete = "DELETE FROM outbox_inbox WHERE (consumer, id) IN
            (SELECT consumer, id FROM outbox_inbox WHERE seen_at < clock_timestamp() - $1 * interval '1 second'
              ORDER BY seen_at LIMIT $2) RETURNING 1";
        let (seconds, limit) = (seen_before.as_secs_f64(), i64::from(limit));
        let gone = client.query_typed(delete, &[(&seconds, Type::FLOAT8), (&limit, Type::INT8)]).await?;
        Ok(gone.len())
    }

    /// Creates the table where it is missing: for a consumer whose database is another one than the outbox's.
    ///
    /// # Errors
    /// The statement failed: the connection is gone, the user may not create tables.
    ///
    /// # Cancel safety
    /// The table is there afterwards, or not.
    pub async fn create(client: &impl GenericClient) -> Result<(), tokio_postgres::Error> {
        client.batch_execute(include_str!("inbox.sql")).await
    }
}
