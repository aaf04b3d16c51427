//! Exercise 29.4: an order is shipped, and its event says what another service has answered.

use std::error::Error;

use rusqlite::{Connection, TransactionBehavior};
use tokio::task::JoinHandle;

pub type Failure = Box<dyn Error + Send + Sync>;

/// The tables of the shop. Do not change them.
pub const TABLES: &str = "
    CREATE TABLE IF NOT EXISTS orders (
        id      INTEGER PRIMARY KEY,
        grams   INTEGER NOT NULL,
        shipped INTEGER NOT NULL DEFAULT 0
    ) STRICT;
    CREATE TABLE IF NOT EXISTS outbox (
        seq  INTEGER PRIMARY KEY AUTOINCREMENT,
        id   TEXT NOT NULL UNIQUE,
        body TEXT NOT NULL,
        sent INTEGER NOT NULL DEFAULT 0
    ) STRICT;";

/// Spawns a task that ships an order: it marks the order as shipped, and writes the event that says what the postage is. The
/// connection is for this task only; other tasks and processes have connections of their own to the same database.
pub fn ship(mut db: Connection, carrier: impl Carrier, order: i64) -> JoinHandle<Result<(), Failure>> {
    //~ begin
    tokio::spawn(async move {
        loop {
            let grams = weight(&db, order)?;
            let cents = carrier.postage(grams).await?;
            let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            // From here on no other connection can write. If the weight has changed, the answer does not apply.
            if weight(&tx, order)? == grams {
                tx.execute("UPDATE orders SET shipped = 1 WHERE id = ?1", [order])?;
                insert_event(&tx, order, grams, cents)?;
                tx.commit()?;
                return Ok(());
            }
        }
    })
    //~ starter
    //~| tokio::spawn(async move {
    //~|     // TODO: the compiler rejects this. Which of these statements belong in the transaction?
    //~|     let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    //~|     let grams = weight(&tx, order)?;
    //~|     tx.execute("UPDATE orders SET shipped = 1 WHERE id = ?1", [order])?;
    //~|     let cents = carrier.postage(grams).await?;
    //~|     insert_event(&tx, order, grams, cents)?;
    //~|     tx.commit()?;
    //~|     Ok(())
    //~| })
    //~ end
}

/// What an order weighs. An error if there is no such order, or if it has been shipped. Do not change it.
pub fn weight(db: &Connection, order: i64) -> Result<i64, Failure> {
    let select = "SELECT grams FROM orders WHERE id = ?1 AND shipped = 0";
    db.query_row(select, [order], |row| row.get(0))
        .map_err(|error| format!("order {order} cannot be shipped: {error}").into())
}

/// Writes the event of an order that is shipped. Do not change it.
pub fn insert_event(db: &Connection, order: i64, grams: i64, cents: i64) -> rusqlite::Result<()> {
    let event = (format!("order-{order}-shipped"), format!("{grams} g for {cents} cents"));
    db.execute("INSERT INTO outbox (id, body) VALUES (?1, ?2)", event)?;
    Ok(())
}

/// Another service, which takes parcels. Do not change it.
pub trait Carrier: Send + Sync + 'static {
    /// What it costs to send this weight, in cents. Takes its time, and may fail.
    fn postage(&self, grams: i64) -> impl Future<Output = Result<i64, Failure>> + Send;
}
