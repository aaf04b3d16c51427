//! The shop: an order and its event are written in one transaction. It knows no broker.

use crate::Result;
use crate::broker::Message;
use crate::database::Database;

/// The tables of the shop.
pub const TABLES: &str = include_str!("shop.sql");

/// Places an order. A relay publishes the event later.
// ANCHOR: place-order
pub async fn place_order(shop: &Database, order: u32) -> Result<()> {
    let event = Message::order_placed(order);
    shop.transaction(move |tx| {
        tx.execute("INSERT INTO orders (id, item) VALUES (?1, 'lamp')", [order])?;
        tx.execute("INSERT INTO outbox (id, body) VALUES (?1, ?2)", [event.id, event.body])?;
        Ok(())
    })
    .await
}
// ANCHOR_END: place-order

/// How many orders there are.
pub async fn orders(shop: &Database) -> Result<u32> {
    shop.number("SELECT count(*) FROM orders").await
}
