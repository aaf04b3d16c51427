//! A service with an SQLite database and a connection of its own: `configure` and `enqueue` are all that it needs.
//!
//! `cargo run -p capstone-outbox --example sqlite`. The relay runs in the same process here; it may as well be another one, such
//! as `capstone relay`.

use std::path::Path;
use std::sync::Arc;

use capstone_outbox::sink::FileSink;
use capstone_outbox::sqlite::{self, SqliteStore};
use capstone_outbox::{Message, Relay, RelayConfig};
use rusqlite::{Connection, TransactionBehavior};

type Error = Box<dyn std::error::Error>;

/// The service. It knows nothing of relays and sinks.
struct Shop {
    connection: Connection,
}

impl Shop {
    // ANCHOR: open
    fn open(database: &Path) -> Result<Self, Error> {
        let mut connection = Connection::open(database)?;
        sqlite::configure(&mut connection)?;
        connection.execute_batch(
            "CREATE TABLE IF NOT EXISTS orders (id INTEGER PRIMARY KEY, cents INTEGER NOT NULL)",
        )?;
        Ok(Self { connection })
    }
    // ANCHOR_END: open

    // ANCHOR: order
    /// Commits the order and what the world is told of it, or neither.
    fn order(&mut self, cents: i64) -> Result<i64, Error> {
        // Immediate: one that begins as a reader and then writes can fail although it waits.
        let tx = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        tx.execute("INSERT INTO orders (cents) VALUES (?1)", [cents])?;
        let order = tx.last_insert_rowid();
        let created = format!(r#"{{"order":{order},"cents":{cents}}}"#);
        let created = Message::new("orders.created".parse()?, created).with_key(format!("order-{order}"))?;
        sqlite::enqueue(&tx, &created)?;
        if cents <= 0 {
            return Err(format!("an order of {cents} cents").into()); // Dropped, the transaction is rolled back.
        }
        tx.commit()?;
        Ok(order)
    }
    // ANCHOR_END: order

    /// Told after the order was created, for certain: it is the same key.
    fn pay(&mut self, order: i64) -> Result<(), Error> {
        let tx = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let paid =
            Message::new("orders.paid".parse()?, order.to_string()).with_key(format!("order-{order}"))?;
        sqlite::enqueue(&tx, &paid)?;
        Ok(tx.commit()?)
    }
}

/// Writes what left the shop to `file`.
pub(crate) async fn run(database: &Path, file: &Path) -> Result<(), Error> {
    // ANCHOR: shop
    SqliteStore::migrate(database)?; // Beside the service's own tables; safe to repeat.
    let mut shop = Shop::open(database)?;
    let order = shop.order(1_250)?;
    assert!(shop.order(-1).is_err());
    shop.pay(order)?;
    // ANCHOR_END: shop

    // ANCHOR: relay
    // For good it is `run`, until the service is told to stop.
    let store = Arc::new(SqliteStore::open(database)?);
    let mut relay = Relay::new(store, Arc::new(FileSink::open(file)?), RelayConfig::default())?;
    relay.run_until_empty(std::future::pending()).await?;
    // ANCHOR_END: relay
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("out.ndjson");
    run(&folder.path().join("shop.db"), &file).await?;
    print!("{}", std::fs::read_to_string(file)?);
    Ok(())
}
