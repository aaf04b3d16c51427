//! Orders whose events commit in another order than their numbers, as with a sequence in PostgreSQL.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use shared::Journal;
use tokio::time::sleep;

use crate::Result;
use crate::broker::Message;
use crate::database::Database;

/// Takes a number, waits until the order is paid, and commits the event under that number. The numbers come from the
/// application, because SQLite has one writer at a time: it would number the rows in the order of their commits.
// ANCHOR: numbered
pub async fn place_numbered(
    shop: &Database,
    numbers: &AtomicI64,
    order: u32,
    paid_after: Duration,
    journal: &Journal,
) -> Result<()> {
    let seq = numbers.fetch_add(1, Ordering::Relaxed);
    journal.log(format_args!("shop {order}"), format_args!("takes number {seq}"));
    sleep(paid_after).await;
    shop.transaction(move |tx| {
        let event = Message::order_placed(order);
        tx.execute("INSERT INTO orders (id, item) VALUES (?1, 'lamp')", [order])?;
        tx.execute("INSERT INTO outbox (seq, id, body) VALUES (?1, ?2, ?3)", (seq, event.id, event.body))?;
        Ok(())
    })
    .await?;
    journal.log(format_args!("shop {order}"), format_args!("commits number {seq}"));
    Ok(())
}
// ANCHOR_END: numbered
