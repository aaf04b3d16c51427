//! The warehouse: it takes a lamp from the shelf for each order, once, however often the message comes.

use crate::Result;
use crate::broker::Message;
use crate::database::Database;

/// The tables of the warehouse, which has a database of its own. There are five lamps.
pub const TABLES: &str = include_str!("warehouse.sql");

/// Whether a message had been handled before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Received {
    First,
    Repeat,
}

/// Handles a message. Acknowledge it when this has returned, and not before.
// ANCHOR: receive
pub async fn receive(warehouse: &Database, message: Message) -> Result<Received> {
    warehouse
        .transaction(move |tx| {
            let inserted =
                tx.execute("INSERT INTO inbox (id) VALUES (?1) ON CONFLICT DO NOTHING", [message.id])?;
            if inserted == 0 {
                return Ok(Received::Repeat);
            }
            tx.execute("UPDATE shelf SET count = count - 1 WHERE item = 'lamp'", [])?;
            Ok(Received::First)
        })
        .await
}
// ANCHOR_END: receive

/// How many lamps are on the shelf.
pub async fn lamps(warehouse: &Database) -> Result<u32> {
    warehouse.number("SELECT count FROM shelf WHERE item = 'lamp'").await
}
