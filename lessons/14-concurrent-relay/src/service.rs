//! The loop that a relay runs in a service: query a batch of unsent rows, publish them concurrently, mark each, repeat.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use shared::Journal;
use tokio::time::sleep;

/// At most this many rows are published concurrently.
pub const BATCH: usize = 3;

/// A row of the outbox.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    pub id: u32,
    /// How long the broker takes to confirm it.
    pub confirmed_after: Duration,
    /// Stands for a bug that this row triggers when the broker has confirmed it.
    pub panics: bool,
}

/// The rows that are not marked as sent. Clones are handles to the same table.
#[derive(Clone, Debug)]
pub struct Outbox {
    unsent: Arc<Mutex<BTreeMap<u32, Row>>>,
}

impl Outbox {
    /// Rows 1, 2, …, each confirmed after the given time.
    pub fn new(confirmed_after_ms: &[u64]) -> Self {
        let row = |(id, &ms)| (id, Row { id, confirmed_after: Duration::from_millis(ms), panics: false });
        Self { unsent: Arc::new(Mutex::new((1..).zip(confirmed_after_ms).map(row).collect())) }
    }

    /// The same rows, but publishing row `id` panics.
    pub fn panicking_at(self, id: u32) -> Self {
        if let Some(row) = self.unsent.lock().expect("a query does not panic").get_mut(&id) {
            row.panics = true;
        }
        self
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

/// Publishes until no row is left. A service would wait for more.
// ANCHOR: run
pub async fn run(outbox: Outbox, journal: Journal) {
    loop {
        let batch = outbox.query();
        if batch.is_empty() {
            break;
        }
        let ids: Vec<_> = batch.iter().map(|row| row.id).collect();
        journal.log("relay", format_args!("found rows {ids:?}"));
        let tasks: Vec<_> =
            batch.into_iter().map(|row| tokio::spawn(publish(row, journal.clone()))).collect();
        for task in tasks {
            if let Ok(id) = task.await {
                outbox.mark(id);
                journal.log("relay", format_args!("marked row {id}"));
            }
        }
    }
    journal.log("relay", "found no rows");
}
// ANCHOR_END: run

async fn publish(row: Row, journal: Journal) -> u32 {
    sleep(row.confirmed_after).await;
    assert!(!row.panics, "row {} triggers a bug", row.id);
    journal.log(format_args!("task {}", row.id), format_args!("published row {}", row.id));
    row.id
}
