//! A set that is refilled: three rows are being published, and for each that ends the next one begins.

use std::time::Duration;

use shared::Journal;
use tokio::task::JoinSet;
use tokio::time::sleep;

/// At most this many rows are published at the same time.
pub const AT_ONCE: usize = 3;
/// How long each row of the outbox takes to publish, in milliseconds.
pub const ROWS_TAKE_MS: [u64; 5] = [300, 100, 210, 130, 200];

/// A row of the outbox.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    pub id: u32,
    pub takes: Duration,
}

/// Rows 1, 2, … of the outbox.
pub fn rows() -> Vec<Row> {
    let row = |(id, ms)| Row { id, takes: Duration::from_millis(ms) };
    (1..).zip(ROWS_TAKE_MS).map(row).collect()
}

/// Publishes all rows, at most three at the same time, and marks each when it has been published.
// ANCHOR: refill
pub async fn refill(rows: Vec<Row>, journal: Journal) {
    let (mut waiting, mut tasks) = (rows.into_iter(), JoinSet::new());
    for row in waiting.by_ref().take(AT_ONCE) {
        tasks.spawn(publish(row, journal.clone()));
    }
    while let Some(ended) = tasks.join_next().await {
        let id = ended.expect("no publish panics");
        journal.log("relay", format_args!("marks row {id}"));
        if let Some(row) = waiting.next() {
            tasks.spawn(publish(row, journal.clone())); // one has ended, so the next begins
        }
    }
    journal.log("relay", "is done");
}
// ANCHOR_END: refill

/// Publishes a row, and returns its id.
pub(crate) async fn publish(row: Row, journal: Journal) -> u32 {
    journal.log(format_args!("row {}", row.id), "begins");
    sleep(row.takes).await;
    journal.log(format_args!("row {}", row.id), "is published");
    row.id
}
