//! Exercise 29.1: an order and its event, of which neither exists without the other.

use std::cell::{Cell, RefCell};
use std::error::Error;
use std::time::Duration;

use rusqlite::Connection;
use tokio::time::sleep;

/// The tables of the shop. Do not change them.
pub const TABLES: &str = "
    CREATE TABLE IF NOT EXISTS orders (id INTEGER PRIMARY KEY, cents INTEGER NOT NULL CHECK (cents > 0)) STRICT;
    CREATE TABLE IF NOT EXISTS outbox (
        seq  INTEGER PRIMARY KEY AUTOINCREMENT,
        id   TEXT NOT NULL UNIQUE,
        body TEXT NOT NULL,
        sent INTEGER NOT NULL DEFAULT 0
    ) STRICT;";

/// A shop with its database and its broker.
pub struct Shop {
    pub db: Connection,
    pub broker: Broker,
}

impl Shop {
    /// Places an order. Its event, `order.placed()`, is to reach the broker if the order is committed, and only then.
    pub async fn place(&mut self, order: &Order) -> Result<(), Box<dyn Error>> {
        // TODO: if the process is killed between these two, the order has no event.
        self.db.execute("INSERT INTO orders (id, cents) VALUES (?1, ?2)", (order.id, order.cents))?;
        self.broker.publish(&order.placed()).await?;
        Ok(())
    }

    /// The relay: publishes the rows of the outbox, and marks each. It runs again and again. Do not change it.
    pub async fn relay(&mut self) -> Result<(), Box<dyn Error>> {
        for (seq, message) in unsent(&self.db)? {
            self.broker.publish(&message).await?;
            self.db.execute("UPDATE outbox SET sent = 1 WHERE seq = ?1", [seq])?;
        }
        Ok(())
    }
}

fn unsent(db: &Connection) -> rusqlite::Result<Vec<(i64, Message)>> {
    let mut unsent = db.prepare("SELECT seq, id, body FROM outbox WHERE sent = 0 ORDER BY seq")?;
    let rows =
        unsent.query_map([], |row| Ok((row.get(0)?, Message { id: row.get(1)?, body: row.get(2)? })))?;
    rows.collect()
}

/// An order of a customer.
pub struct Order {
    pub id: i64,
    pub cents: i64,
}

impl Order {
    /// The event that the order was placed.
    pub fn placed(&self) -> Message {
        Message { id: format!("order-{}-placed", self.id), body: format!("{} cents", self.cents) }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    pub id: String,
    pub body: String,
}

/// The broker. Do not change it.
pub struct Broker {
    pub stored: RefCell<Vec<Message>>,
    pub up: Cell<bool>,
}

impl Broker {
    /// Takes 40 ms, or fails when the broker is down.
    pub async fn publish(&self, message: &Message) -> Result<(), Box<dyn Error>> {
        sleep(Duration::from_millis(40)).await;
        if !self.up.get() {
            return Err("the broker is down".into());
        }
        self.stored.borrow_mut().push(message.clone());
        Ok(())
    }
}
