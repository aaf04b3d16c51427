//! The relay: poll, publish, mark. Whatever happens to it, a row that is not marked is found again.

use std::time::Duration;

use shared::Journal;
use tokio::time::{MissedTickBehavior, interval};

use crate::Result;
use crate::broker::{Broker, Message};
use crate::database::Database;

/// At most this many rows are read at once.
pub const BATCH: u32 = 100;

/// How long the relay waits when it has found nothing.
pub const POLL_EVERY: Duration = Duration::from_millis(100);

/// A row of the outbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub seq: i64,
    pub message: Message,
}

/// Polls forever. Dropping the future, like a crash, loses nothing: at worst the row that was being published is published again.
// ANCHOR: relay
pub async fn run(shop: &Database, broker: &impl Broker, journal: &Journal) {
    let mut polls = interval(POLL_EVERY);
    polls.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        polls.tick().await;
        if let Err(error) = step(shop, broker, journal).await {
            journal.log("relay", format_args!("will poll again: {error}"));
        }
    }
}

/// Publishes one batch in order. The first failure ends it, and its row and those behind it stay unsent.
pub async fn step(shop: &Database, broker: &impl Broker, journal: &Journal) -> Result<usize> {
    let rows = poll(shop).await?;
    for row in &rows {
        broker.publish(&row.message).await?;
        mark(shop, row.seq).await?;
        journal.log("relay", format_args!("marks row {}", row.seq));
    }
    Ok(rows.len())
}
// ANCHOR_END: relay

// ANCHOR: poll-and-mark
pub async fn poll(shop: &Database) -> Result<Vec<Row>> {
    shop.read(|connection| {
        let mut unsent = connection
            .prepare_cached("SELECT seq, id, body FROM outbox WHERE sent = 0 ORDER BY seq LIMIT ?1")?;
        let rows = unsent.query_map([BATCH], Row::read)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    })
    .await
}

pub async fn mark(shop: &Database, seq: i64) -> Result<()> {
    shop.transaction(move |tx| {
        tx.execute("UPDATE outbox SET sent = 1 WHERE seq = ?1", [seq])?;
        Ok(())
    })
    .await
}
// ANCHOR_END: poll-and-mark

/// Lets the relay publish these rows once more, and returns how many there are. Their messages keep their ids.
// ANCHOR: replay
pub async fn replay(shop: &Database, first: i64, last: i64) -> Result<usize> {
    shop.transaction(move |tx| {
        Ok(tx.execute("UPDATE outbox SET sent = 0 WHERE seq BETWEEN ?1 AND ?2", [first, last])?)
    })
    .await
}
// ANCHOR_END: replay

impl Row {
    /// The columns `seq`, `id` and `body`.
    pub(crate) fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self { seq: row.get(0)?, message: Message { id: row.get(1)?, body: row.get(2)? } })
    }
}
