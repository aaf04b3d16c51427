//! How late messages are while somebody else's transaction stays open: it holds a snapshot, so that no deleted row can be cleared
//! away, and has written a row, which is to come when it commits.

use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

use capstone_outbox::postgres::enqueue_many;
use capstone_outbox::{Message, Relay, RelayConfig};
use tokio::time::interval;

use super::backlog::KEYS;
use super::commits::message;
use super::latency::Arrivals;
use super::postgres::{Database, connect, open};
use crate::report::percentile;

const ROWS: u64 = 1_000_000;
/// A transaction of so many rows, so often: 20,000 rows a second.
const BATCH: u64 = 200;
const PAUSE: Duration = Duration::from_millis(10);
/// The part of the rows that has a p99 of its own: five seconds.
const PART: usize = 100_000;

/// Milliseconds from commit to delivery: the highest p99 of any part of the rows.
pub async fn p99_ms(database: &Database<'_>) -> f64 {
    let store = Arc::new(open(&database.address()).await);
    let sink = Arc::new(Arrivals::of(ROWS + 1));
    let mut relay =
        Relay::new(Arc::clone(&store), Arc::clone(&sink), RelayConfig::default()).expect("settings that fit");
    let arrived = Arc::clone(&sink);
    let relaying = tokio::spawn(async move { relay.run(arrived.complete()).await });

    let (mut open_one, mut writer) = (connect(&database.address()).await, connect(&database.address()).await);
    let transaction =
        open_one.build_transaction().isolation_level(tokio_postgres::IsolationLevel::RepeatableRead);
    let transaction = transaction.start().await.expect("a connection");
    // Of a key that nobody else has: its lock is kept until the commit.
    enqueue_many(&transaction, &[message(KEYS, ROWS / KEYS - 1)]).await.expect("our tables");
    let mut committed_ns = Vec::new();
    let mut clock = interval(PAUSE);
    for first in (0..ROWS).step_by(BATCH as usize) {
        clock.tick().await;
        let batch: Vec<Message> = (first..first + BATCH).map(|n| message(n % KEYS, n / KEYS)).collect();
        let tx = writer.transaction().await.expect("a connection");
        enqueue_many(&tx, &batch).await.expect("our tables");
        tx.commit().await.expect("a connection");
        store.committed();
        committed_ns.extend([sink.now_ns(); BATCH as usize]);
    }
    transaction.commit().await.expect("a connection");
    store.committed();
    relaying.await.expect("no panic").expect("a store that works");

    let each = committed_ns.iter().zip(&sink.at_ns);
    let late_ms: Vec<f64> = each
        .map(|(committed, arrived)| arrived.load(SeqCst).saturating_sub(*committed) as f64 / 1e6)
        .collect();
    late_ms.chunks(PART).map(|part| percentile(part.to_vec(), 99)).fold(0.0, f64::max)
}
