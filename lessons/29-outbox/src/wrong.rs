//! The same ideas gone wrong. `tests/lesson.rs` shows what each one does when its process ends at a bad moment: it loses an
//! event, invents one, or acts twice.

use std::time::Duration;

use shared::Journal;
use tokio::time::sleep;

use crate::Result;
use crate::broker::{Broker, Message};
use crate::database::Database;
use crate::relay::{self, Row};

/// Loses the event when it ends between the two writes.
// ANCHOR: dual-write
pub async fn dual_write(shop: &Database, broker: &impl Broker, order: u32, journal: &Journal) -> Result<()> {
    insert_order(shop, order).await?;
    journal.log("shop", format_args!("commits order {order}"));
    broker.publish(&Message::order_placed(order)).await?;
    Ok(())
}
// ANCHOR_END: dual-write

/// Publishes the event of an order that does not exist, when it ends between the two writes or the second one fails.
// ANCHOR: publish-first
pub async fn publish_first(
    shop: &Database,
    broker: &impl Broker,
    order: u32,
    journal: &Journal,
) -> Result<()> {
    broker.publish(&Message::order_placed(order)).await?;
    insert_order(shop, order).await?;
    journal.log("shop", format_args!("commits order {order}"));
    Ok(())
}
// ANCHOR_END: publish-first

async fn insert_order(shop: &Database, order: u32) -> Result<()> {
    shop.transaction(move |tx| {
        tx.execute("INSERT INTO orders (id, item) VALUES (?1, 'lamp')", [order])?;
        Ok(())
    })
    .await
}

/// Loses the row when it ends between mark and publish, or when the publish fails.
// ANCHOR: mark-first
pub async fn mark_first(shop: &Database, broker: &impl Broker, journal: &Journal) -> Result<()> {
    for row in relay::poll(shop).await? {
        relay::mark(shop, row.seq).await?;
        journal.log("relay", format_args!("marks row {}", row.seq));
        broker.publish(&row.message).await?;
    }
    Ok(())
}
// ANCHOR_END: mark-first

/// Acts on a message each time it comes.
// ANCHOR: no-inbox
pub async fn take_a_lamp(warehouse: &Database) -> Result<()> {
    warehouse
        .transaction(|tx| {
            tx.execute("UPDATE shelf SET count = count - 1 WHERE item = 'lamp'", [])?;
            Ok(())
        })
        .await
}
// ANCHOR_END: no-inbox

/// How long a message is worked on before a lamp is taken.
pub const WORK_TAKES: Duration = Duration::from_millis(40);

/// Never takes the lamp, when it ends between the two transactions.
// ANCHOR: id-first
pub async fn remember_first(warehouse: &Database, message: Message, journal: &Journal) -> Result<()> {
    let id = message.id.clone();
    let remember = move |tx: &rusqlite::Transaction<'_>| {
        Ok(tx.execute("INSERT INTO inbox (id) VALUES (?1) ON CONFLICT DO NOTHING", [id])?)
    };
    if warehouse.transaction(remember).await? == 0 {
        journal.log("warehouse", format_args!("knows {}", message.id));
        return Ok(());
    }
    journal.log("warehouse", format_args!("remembers {}", message.id));
    sleep(WORK_TAKES).await;
    take_a_lamp(warehouse).await
}
// ANCHOR_END: id-first

/// Reads what is behind the last row that it has seen. Loses a row that is committed after one with a higher number.
// ANCHOR: last-seen
pub async fn step_after(
    shop: &Database,
    broker: &impl Broker,
    last_seen: &mut i64,
    journal: &Journal,
) -> Result<()> {
    for row in rows_after(shop, *last_seen).await? {
        broker.publish(&row.message).await?;
        *last_seen = row.seq;
        journal.log("relay", format_args!("has seen up to row {last_seen}"));
    }
    Ok(())
}

async fn rows_after(shop: &Database, last_seen: i64) -> Result<Vec<Row>> {
    shop.read(move |connection| {
        let mut behind =
            connection.prepare_cached("SELECT seq, id, body FROM outbox WHERE seq > ?1 ORDER BY seq")?;
        let rows = behind.query_map([last_seen], Row::read)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    })
    .await
}
// ANCHOR_END: last-seen

/// Replays rows as new messages, which no inbox recognizes.
// ANCHOR: replay-as-new
pub async fn replay_as_new(shop: &Database, first: i64, last: i64) -> Result<usize> {
    shop.transaction(move |tx| {
        Ok(tx.execute(
            "INSERT INTO outbox (id, body)
             SELECT id || '-again', body FROM outbox WHERE seq BETWEEN ?1 AND ?2",
            [first, last],
        )?)
    })
    .await
}
// ANCHOR_END: replay-as-new
