//! The enqueue as text and parameters, for those who talk to PostgreSQL through another library than `tokio-postgres`.

use crate::message::Message;

/// Types that every library has: whether it names them to the server or asks it for them, they are these.
const SQL: &str = "SELECT outbox_enqueue($1::text, $2::text, $3::bytea, $4::text, $5::text::uuid)";

/// A statement with its five parameters, in the order of the fields.
///
/// Run it in the transaction that the message belongs to, last, right before the commit, as [`enqueue`](super::enqueue) is. It
/// answers one row with one `bigint`: the message's number, or NULL if its id waits or is dead already.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Call<'a> {
    /// `SELECT outbox_enqueue($1, …, $5)`.
    pub sql: &'static str,
    /// `$1`, `text`.
    pub topic: &'a str,
    /// `$2`, `text` or NULL.
    pub key: Option<&'a str>,
    /// `$3`, `bytea`.
    pub payload: &'a [u8],
    /// `$4`, `text`: a JSON object.
    pub headers: String,
    /// `$5`, `text`.
    pub id: String,
}

/// The enqueue of a message through any library for PostgreSQL, such as sqlx; `examples/sqlx` is a whole program:
///
/// ```text
/// let call = postgres::call(&message);
/// let number: Option<i64> = sqlx::query_scalar(call.sql)
///     .bind(call.topic)
///     .bind(call.key)
///     .bind(call.payload)
///     .bind(call.headers)
///     .bind(call.id)
///     .fetch_one(&mut *tx)
///     .await?;
/// ```
#[must_use]
pub fn call(message: &Message) -> Call<'_> {
    Call {
        sql: SQL,
        topic: message.topic.as_ref(),
        key: message.key.as_deref(),
        payload: &message.payload,
        headers: serde_json::to_string(&message.headers).expect("a map of strings is JSON"),
        id: message.id.to_string(),
    }
}
