//! How many statements a backlog takes: what nobody sees from outside, and what pays for the fast way.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rusqlite::StatementStatus;
use rusqlite::trace::{TraceEvent, TraceEventCodes};
use tokio::sync::Barrier;

use super::{SqliteStore, enqueue_many};
use crate::{Attempt, Envelope, Message, Relay, RelayConfig, Sink, SinkError};

/// Answers five hundred at once, so that how many results a flush carries does not depend on who is faster.
struct Together(Barrier);

impl Sink for Together {
    async fn publish(&self, _message: &Envelope, _attempt: Attempt) -> Result<(), SinkError> {
        self.0.wait().await;
        Ok(())
    }
}

/// Counts statements by their first word and whether they are about the outbox's rows.
#[derive(Default)]
struct Statements(Mutex<BTreeMap<&'static str, usize>>);

const KINDS: [&str; 6] = [
    "INSERT INTO outbox ",
    "SELECT seq, id, topic, key, headers, payload,",
    "DELETE FROM outbox ",
    "UPDATE outbox ",
    "BEGIN",
    "COMMIT",
];

impl Statements {
    fn count(&self, sql: &str) {
        if let Some(kind) = KINDS.into_iter().find(|kind| sql.starts_with(kind)) {
            *self.0.lock().unwrap().entry(kind).or_default() += 1;
        }
    }

    /// What was counted since it was last asked, in the order of [`KINDS`].
    fn taken(&self) -> [usize; 6] {
        let counts = std::mem::take(&mut *self.0.lock().unwrap());
        KINDS.map(|kind| counts.get(kind).copied().unwrap_or(0))
    }
}

#[tokio::test]
async fn a_backlog_takes_a_commit_a_batch_and_no_update() {
    const MESSAGES: usize = 5_000;
    let folder = tempfile::tempdir().unwrap();
    let store = Arc::new(SqliteStore::open(folder.path().join("shop.db")).unwrap());
    let statements = Arc::new(Statements::default());
    let counting = Arc::clone(&statements);
    let trace = move |connection: &mut rusqlite::Connection| {
        let count = move |event: TraceEvent<'_>| {
            if let TraceEvent::Stmt(statement, _) = event {
                counting.count(&statement.sql());
            }
        };
        connection.trace_v2(TraceEventCodes::SQLITE_TRACE_STMT, Some(count))
    };
    store.read(trace).await.unwrap();

    for batch in 0..MESSAGES / 100 {
        let message = |n| Message::new("a".parse().unwrap(), "x").with_key(format!("k{batch} {n}")).unwrap();
        let messages: Vec<Message> = (0..100).map(message).collect();
        store.transaction(move |tx| enqueue_many(tx, &messages)).await.unwrap();
    }
    let [inserts, _, _, _, begins, commits] = statements.taken();
    assert_eq!(
        (inserts, begins, commits),
        (MESSAGES, 50, 50),
        "one prepared insert a row, one commit a batch"
    );

    // No publish times out, however slow the machine is.
    let (publish_timeout, lease_ttl) = (Duration::from_secs(60), Duration::from_secs(90));
    let config = RelayConfig { publish_timeout, lease_ttl, ..RelayConfig::default() };
    let fetches_least = MESSAGES.div_ceil(config.fetch_rows);
    let mut relay = Relay::new(Arc::clone(&store), Arc::new(Together(Barrier::new(500))), config).unwrap();
    assert_eq!(relay.run_until_empty(std::future::pending()).await.unwrap().published, MESSAGES as u64);
    let [inserts, fetches, deletes, updates, _, commits] = statements.taken();
    assert_eq!((inserts, deletes, updates), (0, MESSAGES, 0), "one prepared delete a row");
    assert!((fetches_least..=fetches_least * 2 + 5).contains(&fetches), "{fetches} fetches");
    assert!((1..=50).contains(&commits), "{commits} commits");
}

/// A value may choose the plan, SQLite says, where there is `LIMIT ?` or a partial index; and a statement of the cache has lost its
/// values when it is used again.
#[tokio::test]
async fn what_is_asked_often_is_prepared_once() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path().join("a.db")).unwrap();
    let prepared_anew = store.read(|connection| {
        let held = "SELECT seq FROM outbox WHERE key = ?1 AND state = 1 ORDER BY seq LIMIT ?2";
        for key in ["a", "b", "c"] {
            assert!(!connection.prepare_cached(held)?.exists((key, 5))?);
        }
        Ok(connection.prepare_cached(held)?.get_status(StatementStatus::RePrepare))
    });
    assert_eq!(prepared_anew.await.unwrap(), 0);
}
