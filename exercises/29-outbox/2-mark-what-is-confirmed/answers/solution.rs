//! Exercise 29.2: a relay that publishes a batch concurrently, and marks each row at the right moment.

use std::sync::Arc;

use rusqlite::Connection;
use tokio::task::JoinSet;

/// The table of the outbox. Do not change it.
pub const TABLE: &str = "
    CREATE TABLE IF NOT EXISTS outbox (
        seq  INTEGER PRIMARY KEY AUTOINCREMENT,
        body TEXT NOT NULL,
        sent INTEGER NOT NULL DEFAULT 0
    ) STRICT;";

/// Publishes a batch of unsent rows, all at the same time, and returns how many were confirmed.
pub async fn step(db: &mut Connection, broker: Arc<impl Broker>) -> rusqlite::Result<usize> {
    let rows = unsent(db)?;
    //~ begin
    let mut publishing = JoinSet::new();
    for row in rows {
        let broker = Arc::clone(&broker);
        publishing.spawn(async move { broker.publish(row.body).await.map(|()| row.seq) });
    }
    let mut confirmed = 0;
    while let Some(ended) = publishing.join_next().await {
        // A row whose publish failed or panicked stays unsent, so a later step finds it.
        if let Ok(Ok(seq)) = ended {
            mark(db, seq)?;
            confirmed += 1;
        }
    }
    Ok(confirmed)
    //~ starter
    //~| // TODO: if the process is killed now, all these rows are marked, and none is published.
    //~| for row in &rows {
    //~|     mark(db, row.seq)?;
    //~| }
    //~| let mut publishing = JoinSet::new();
    //~| for row in rows {
    //~|     let broker = Arc::clone(&broker);
    //~|     publishing.spawn(async move { broker.publish(row.body).await });
    //~| }
    //~| Ok(publishing.join_all().await.len())
    //~ end
}

/// A row of the outbox.
pub struct Row {
    pub seq: i64,
    pub body: String,
}

/// At most four unsent rows, the oldest first. Do not change it.
pub fn unsent(db: &Connection) -> rusqlite::Result<Vec<Row>> {
    let mut unsent = db.prepare("SELECT seq, body FROM outbox WHERE sent = 0 ORDER BY seq LIMIT 4")?;
    let rows = unsent.query_map([], |row| Ok(Row { seq: row.get(0)?, body: row.get(1)? }))?;
    rows.collect()
}

/// Marks one row. Do not change it.
pub fn mark(db: &Connection, seq: i64) -> rusqlite::Result<()> {
    db.execute("UPDATE outbox SET sent = 1 WHERE seq = ?1", [seq]).map(drop)
}

/// A broker. Do not change it.
pub trait Broker: Send + Sync + 'static {
    /// Completes when the broker has confirmed the message. After an error the broker may have it or not.
    fn publish(&self, body: String) -> impl Future<Output = Result<(), Unconfirmed>> + Send;
}

/// The broker did not confirm the message.
#[derive(Debug)]
pub struct Unconfirmed;
