//! A service that talks to PostgreSQL through sqlx: an order and its message are committed together, or not at all.
//!
//! The same works with sea-orm and diesel: whatever runs a statement with parameters in the transaction of the business row.

use capstone_outbox::{Message, postgres};
use sqlx::{PgConnection, PgPool};

/// Stores an order, and tells about it. Says which number the message has.
///
/// # Errors
/// The database says no, and nothing was written.
pub async fn order(pool: &PgPool, id: &str, cents: i64) -> Result<Option<i64>, Box<dyn std::error::Error>> {
    let message = Message::new("orders.created".parse()?, format!(r#"{{"cents":{cents}}}"#)).with_key(id)?;
    let mut tx = pool.begin().await?;
    sqlx::query("INSERT INTO orders (id, cents) VALUES ($1, $2)")
        .bind(id)
        .bind(cents)
        .execute(&mut *tx)
        .await?;
    // Last, right before the commit: until then nobody else enqueues for this key.
    let number = enqueue(&mut tx, &message).await?;
    tx.commit().await?;
    Ok(number)
}

/// `None`: a message with this id waits or is dead already.
async fn enqueue(connection: &mut PgConnection, message: &Message) -> Result<Option<i64>, sqlx::Error> {
    let call = postgres::call(message);
    sqlx::query_scalar(call.sql)
        .bind(call.topic)
        .bind(call.key)
        .bind(call.payload)
        .bind(call.headers)
        .bind(call.id)
        .fetch_one(connection)
        .await
}
