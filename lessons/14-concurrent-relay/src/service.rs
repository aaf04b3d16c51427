//! The loop that a relay runs in a service: query a batch of unsent rows, publish them concurrently, mark each, repeat.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use shared::Journal;
use tokio::time::sleep;

/// At most so many rows are published at once.
pub const BATCH: usize = 3;

/// A row of the outbox.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    pub id: u32,
    /// How long the broker takes to confirm it.
    pub confirmed_after: Duration,
}

/// The table that holds what is not marked as sent. Clones are handles to the same table.
#[derive(Clone, Debug)]
pub struct Outbox {
    unsent: Arc<Mutex<BTreeMap<u32, Row>>>,
}

impl Outbox {
    /// Rows 1, 2, … with these times.
    pub fn new(confirmed_after_ms: &[u64]) -> Self {
        let row = |(id, &ms)| (id, Row { id, confirmed_after: Duration::from_millis(ms) });
        Self { unsent: Arc::new(Mutex::new((1..).zip(confirmed_after_ms).map(row).collect())) }
    }

    /// `SELECT … WHERE sent_at IS NULL ORDER BY id LIMIT 3`
    fn query(&self) -> Vec<Row> {
        self.unsent.lock().expect("a query does not panic").values().copied().take(BATCH).collect()
    }

    /// `UPDATE … SET sent_at = now() WHERE id = …`
    fn mark(&self, id: u32) {
        self.unsent.lock().expect("a query does not panic").remove(&id);
    }
}

/// Publishes until nothing is left. A service would wait for more.
// ANCHOR: run
pub async fn run(outbox: Outbox, journal: Journal) {
    loop {
        let batch = outbox.query();
        if batch.is_empty() {
            break;
        }
        journal.log("relay", format_args!("found {} rows", batch.len()));
        let tasks: Vec<_> =
            batch.into_iter().map(|row| tokio::spawn(publish(row, journal.clone()))).collect();
        for task in tasks {
            if let Ok(id) = task.await {
                outbox.mark(id);
                journal.log("relay", format_args!("marked row {id}"));
            }
        }
    }
    journal.log("relay", "found nothing");
}
// ANCHOR_END: run

async fn publish(row: Row, journal: Journal) -> u32 {
    sleep(row.confirmed_after).await;
    journal.log(format_args!("task {}", row.id), format_args!("published row {}", row.id));
    row.id
}
