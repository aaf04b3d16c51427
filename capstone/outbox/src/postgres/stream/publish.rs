//! The caller's side: messages are appended to a stream inside the caller's own transaction.

use thiserror::Error;
use tokio_postgres::types::Type;
use tokio_postgres::{Error, Transaction};

use super::log;
use crate::message::Message;
use crate::postgres::columns::Columns;
use crate::postgres::failure::{is_collision, words};
use crate::stream::PublishAck;

/// No row where there is no such stream.
const PUBLISH: &str = "SELECT appended.appended_seq, appended.is_duplicate
   FROM outbox_stream AS s, outbox_stream_append(s.id, $1, $2, $3, $4, $5) AS appended WHERE s.name = $6";

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
    /// The statement failed. The transaction is broken: roll it back.
    #[error("cannot publish to stream \"{name}\": {}", words(source))]
    Failed {
        /// The stream's name.
        name: String,
        /// What PostgreSQL said.
        source: Error,
    },
}

impl PublishError {
    /// Nothing is wrong with the messages: two transactions were in each other's way, and PostgreSQL ended this one. Run
    /// all of it again.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::Failed { source, .. } if is_collision(source))
    }
}

/// Appends the message to the stream of this name in the caller's transaction: it never begins or commits one. The rules
/// are those of [`Stream::publish`](crate::stream::Stream::publish); rolled back, the number is given to another message.
///
/// Call it last, right before the commit: it locks the stream's row, and until the commit everybody else waits who publishes to this
/// stream, a relay with the sink `stream` too. Whoever publishes to several streams takes them in the order of their names, and
/// enqueues before; otherwise two transactions may wait for each other, which PostgreSQL ends with a deadlock for one of them.
///
/// ```no_run
/// # use capstone_outbox::{Message, postgres::{self, PostgresStore, Target}};
/// # async fn example(store: PostgresStore) -> Result<(), Box<dyn std::error::Error>> {
/// # let mut client = store.target().client().await?;
/// let tx = client.transaction().await?;
/// tx.execute("INSERT INTO orders (cents) VALUES (1250)", &[]).await?;
/// postgres::publish(&tx, "orders", &Message::new("orders.created".parse()?, "{}")).await?;
/// tx.commit().await?; // The order and its message, or neither.
/// store.published(); // Or those who wait for the stream find it within a second.
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// There is no such stream, or the statement failed. After a deadlock or a failed serialization,
/// [`PublishError::is_retryable`].
///
/// # Cancel safety
/// Dropped, it may have been appended or not: roll the transaction back, as dropping it does.
pub async fn publish(
    tx: &Transaction<'_>,
    stream: &str,
    message: &Message,
) -> Result<PublishAck, PublishError> {
    let acks = publish_many(tx, stream, std::slice::from_ref(message)).await?;
    Ok(acks.into_iter().next().expect("an answer for each message"))
}

/// Appends the messages in this order, in one statement. One answer for each.
///
/// # Errors
/// Those of [`publish`].
///
/// # Cancel safety
/// That of [`publish`].
pub async fn publish_many(
    tx: &Transaction<'_>,
    stream: &str,
    messages: &[Message],
) -> Result<Vec<PublishAck>, PublishError> {
    let columns = Columns::of(messages);
    let mut parameters = columns.parameters();
    parameters.push((&stream, Type::TEXT));
    let name = || stream.to_owned();
    let rows = tx.query_typed(PUBLISH, &parameters).await;
    let rows = rows.map_err(|source| PublishError::Failed { name: name(), source })?;
    if rows.is_empty() && !messages.is_empty() {
        return Err(PublishError::NoStream { name: name() });
    }
    Ok(rows.iter().map(log::ack).collect())
}
