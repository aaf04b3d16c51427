//! What only the SQLite store promises: whose file it opens, the group commit, other writers.

use std::fs;
use std::sync::Arc;

use capstone_outbox::operations::{Filter, Operations, Page, Sort};
use capstone_outbox::sqlite::{Enqueued, SqliteStore, TransactionError, configure, enqueue, migration};
use capstone_outbox::store::{Budget, Cursor, Look, Owner, Store};
use capstone_outbox::{MessageId, Relay, RelayConfig, Seq, StoreError};
use futures::future::join_all;
use rusqlite::{Connection, TransactionBehavior};
use tempfile::TempDir;
use tokio::time::timeout;

use crate::support::{Scripted, message, ms};

fn folder() -> (TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.db");
    (folder, path)
}

#[track_caller]
fn refused<T>(outcome: Result<T, StoreError>) -> String {
    outcome.err().expect("refused").to_string()
}

#[tokio::test]
async fn an_applications_database_wants_a_migration_which_is_safe_to_repeat() {
    let (_folder, path) = folder();
    Connection::open(&path).unwrap().execute_batch("CREATE TABLE orders (id INTEGER)").unwrap();
    let error = refused(SqliteStore::open(&path));
    assert!(error.contains("has no outbox tables: add them with `capstone migrate --db sqlite:"), "{error}");
    assert!(SqliteStore::migrate(&path).unwrap());
    assert!(!SqliteStore::migrate(&path).unwrap());
    SqliteStore::open(&path).unwrap();
    let orders: i64 = Connection::open(&path)
        .unwrap()
        .query_row("SELECT count(*) FROM sqlite_schema WHERE name = 'orders'", [], |row| row.get(0))
        .unwrap();
    assert_eq!(orders, 1);
}

#[tokio::test]
async fn what_is_no_database_is_said_so_and_left_alone() {
    let (folder, path) = folder();
    fs::write(
        &path,
        "this is a letter, long enough to be looked at as a header of a database file".repeat(20),
    )
    .unwrap();
    let before = fs::read(&path).unwrap();
    assert!(refused(SqliteStore::open(&path)).ends_with("shop.db: not an SQLite database"));
    assert_eq!(fs::read(&path).unwrap(), before);
    assert!(refused(SqliteStore::open_existing(folder.path().join("no.db"))).contains("no such file"));
    assert!(refused(SqliteStore::open(folder.path().join("no/no.db"))).contains("folder is missing"));
}

#[tokio::test]
async fn tables_of_another_version_are_refused() {
    let (_folder, path) = folder();
    SqliteStore::migrate(&path).unwrap();
    Connection::open(&path).unwrap().execute("UPDATE outbox_meta SET value = '9'", []).unwrap();
    assert!(
        refused(SqliteStore::open(&path))
            .ends_with("its tables have version 9, this program knows version 5")
    );
    assert!(refused(SqliteStore::migrate(&path)).contains("version 9"));
}

#[tokio::test]
async fn tables_of_the_first_version_are_brought_up_to_date_with_what_they_hold() {
    let (_folder, path) = folder();
    let first = include_str!("../../src/sqlite/schema.sql");
    let insert = "INSERT INTO outbox (id, topic, payload) VALUES (randomblob(16), 'orders.created', x'7b7d')";
    let connection = Connection::open(&path).unwrap();
    connection.execute_batch(first).unwrap();
    connection.execute(insert, []).unwrap();
    drop(connection);
    let error = refused(SqliteStore::open(&path));
    assert!(
        error.contains("its tables have version 1, not 5: update them with `capstone migrate"),
        "{error}"
    );
    assert!(SqliteStore::migrate(&path).unwrap());
    assert!(!SqliteStore::migrate(&path).unwrap());
    assert_eq!(SqliteStore::open(&path).unwrap().status().await.unwrap().pending, 1);
}

#[tokio::test]
async fn tables_of_a_newer_version_are_used_if_they_let_this_one_in() {
    let (_folder, path) = folder();
    SqliteStore::migrate(&path).unwrap();
    let connection = Connection::open(&path).unwrap();
    let newer = "UPDATE outbox_meta SET value = '9' WHERE name = 'schema_version'; ALTER TABLE outbox ADD COLUMN not_yet_known TEXT";
    connection.execute_batch(newer).unwrap();
    assert!(!SqliteStore::migrate(&path).unwrap(), "there is nothing to do for it");
    let store = Arc::new(SqliteStore::open(&path).unwrap());
    store.transaction(|tx| enqueue(tx, &message("k", "1"))).await.unwrap();
    let sink = Scripted::new(|_, _| (ms(0), Ok(())));
    let mut relay = Relay::new(store, sink, RelayConfig::default()).unwrap();
    assert_eq!(relay.run_until_empty(std::future::pending()).await.unwrap().published, 1);

    connection.execute_batch("UPDATE outbox_meta SET value = '8' WHERE name = 'compatible_from'").unwrap();
    for said in [refused(SqliteStore::open(&path)), refused(SqliteStore::migrate(&path))] {
        assert!(said.ends_with("its tables have version 9, this program knows version 5"), "{said}");
    }
}

#[tokio::test]
async fn what_is_printed_does_what_the_migration_does() {
    let (folder, path) = folder();
    let printed = Connection::open(&path).unwrap();
    printed.execute_batch(include_str!("../../src/sqlite/schema.sql")).unwrap();
    assert_eq!(SqliteStore::outdated(&path).unwrap(), Some(1));
    printed.execute_batch(&format!("BEGIN; {} COMMIT", migration(1))).unwrap();
    assert_eq!((SqliteStore::outdated(&path).unwrap(), migration(5)), (None, String::new()));

    let other = folder.path().join("other.db");
    assert_eq!(SqliteStore::outdated(&other).unwrap(), Some(0));
    assert!(!other.exists(), "looking makes no file");
    SqliteStore::migrate(&other).unwrap();
    let migrated = Connection::open(&other).unwrap();
    let schema = |connection: &Connection| -> Vec<String> {
        let mut rows = connection
            .prepare("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL UNION ALL SELECT name || value FROM outbox_meta ORDER BY 1")
            .unwrap();
        rows.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    };
    assert_eq!(schema(&printed), schema(&migrated));
}

#[tokio::test]
async fn a_name_that_an_application_has_taken_is_named() {
    let (_folder, path) = folder();
    Connection::open(&path).unwrap().execute_batch("CREATE TABLE outbox (note TEXT)").unwrap();
    let said = refused(SqliteStore::migrate(&path));
    assert!(said.ends_with(": table outbox already exists and is not ours: rename it, or keep the outbox in a file of its own"), "{said}");
}

#[tokio::test]
async fn a_time_that_is_none_is_shown_as_an_age_that_is_none() {
    let (_folder, path) = folder();
    SqliteStore::migrate(&path).unwrap();
    let rows = "INSERT INTO outbox (id, topic, payload, created_ms) VALUES (randomblob(16), 'a', x'', -9223372036854775808);
                INSERT INTO outbox_dead SELECT seq, id, topic, key, headers, payload, created_ms, 1, 'no', 0 FROM outbox";
    Connection::open(&path).unwrap().execute_batch(rows).unwrap();
    let store = SqliteStore::open(&path).unwrap();
    let oldest_ms = store.status().await.unwrap().oldest_ms.unwrap();
    let year_ms = 365 * 86_400_000;
    assert!(
        (50 * year_ms..100 * year_ms).contains(&oldest_ms),
        "the largest age is that since 1970: {oldest_ms}"
    );
    let page = Page::first(Sort::Oldest, 10);
    assert_eq!(store.dead_letters(&Filter::default(), page).await.unwrap().len(), 1);
    let findings = SqliteStore::examine(&path).await;
    assert!(findings.iter().all(|finding| finding.check != "examination"), "{findings:?}");
}

#[tokio::test]
async fn a_closure_that_fails_or_panics_is_undone_alone() {
    let (_folder, path) = folder();
    let store = SqliteStore::open(&path).unwrap();
    store.transaction(|tx| tx.execute_batch("CREATE TABLE orders (n INTEGER)")).await.unwrap();
    // All of them wait at once, so they share commits.
    let outcomes = join_all((0..60_i64).map(|n| {
        store.transaction(move |tx| {
            tx.execute("INSERT INTO orders VALUES (?1)", [n]).unwrap();
            enqueue(tx, &message("k", &n.to_string())).unwrap();
            match n % 3 {
                0 => Ok(n),
                1 => Err(n),
                _ => panic!("order {n}"),
            }
        })
    }))
    .await;
    for (n, outcome) in (0..).zip(outcomes) {
        match n % 3 {
            0 => assert_eq!(outcome.unwrap(), n),
            1 => assert!(matches!(outcome, Err(TransactionError::RolledBack(m)) if m == n)),
            _ => assert!(
                matches!(outcome, Err(TransactionError::Panicked(text)) if text == format!("order {n}"))
            ),
        }
    }
    let count =
        |sql: &'static str| store.transaction(move |tx| tx.query_row(sql, [], |row| row.get::<_, i64>(0)));
    assert_eq!(count("SELECT count(*) FROM orders WHERE n % 3 = 0").await.unwrap(), 20);
    assert_eq!(count("SELECT count(*) FROM orders").await.unwrap(), 20);
    assert_eq!(store.status().await.unwrap().pending, 20);
}

#[tokio::test]
async fn callers_that_wait_together_share_a_commit() {
    let (_folder, path) = folder();
    let store = SqliteStore::open(&path).unwrap();
    let observer = Connection::open(&path).unwrap();
    let version = || observer.query_row("PRAGMA data_version", [], |row| row.get::<_, i64>(0)).unwrap();
    let before = version();
    // The first occupies the thread until the others are in the queue.
    let (open, opened) = std::sync::mpsc::channel::<()>();
    let first = store.transaction(move |tx| {
        opened.recv().unwrap();
        enqueue(tx, &message("k", "first")).map(drop)
    });
    let others = join_all(
        (0..100).map(|n| store.transaction(move |tx| enqueue(tx, &message("k", &n.to_string())).map(drop))),
    );
    let release = async {
        tokio::task::yield_now().await;
        open.send(()).unwrap();
    };
    let (first, others, ()) = tokio::join!(first, others, release);
    first.unwrap();
    others.into_iter().for_each(|outcome| outcome.unwrap());
    assert_eq!(store.status().await.unwrap().pending, 101);
    // data_version counts changes of the file as another connection sees it: at most one a commit.
    let commits = version() - before;
    assert!(commits <= 2, "{commits} commits for 101 callers");
}

#[tokio::test]
async fn the_same_id_is_skipped_while_it_is_pending_or_dead() {
    let (_folder, path) = folder();
    let store = SqliteStore::open(&path).unwrap();
    let id = MessageId::generate();
    let put = || store.transaction(move |tx| enqueue(tx, &message("k", "1").with_id(id)));
    assert_eq!(put().await.unwrap(), Enqueued::New(Seq(1)));
    assert_eq!(put().await.unwrap(), Enqueued::Skipped);
    store.transaction(|tx| {
        tx.execute_batch(
            "INSERT INTO outbox_dead SELECT seq, id, topic, key, headers, payload, created_ms, 1, 'no', 0 FROM outbox;
             DELETE FROM outbox",
        )
    })
    .await
    .unwrap();
    assert_eq!(put().await.unwrap(), Enqueued::Skipped);
}

#[tokio::test]
async fn rows_of_another_language_are_rows_like_any_other() {
    let (_folder, path) = folder();
    let store = SqliteStore::open(&path).unwrap();
    let insert = "INSERT INTO outbox (id, topic, key, payload) VALUES (randomblob(16), 'orders.created', 'k', x'7b7d')";
    Connection::open(&path).unwrap().execute(insert, []).unwrap();
    let budget = Budget { rows: 10, bytes: 1 << 20 };
    let lease = store.acquire(&Owner::new("a"), 1, ms(1_000)).await.unwrap()[0];
    let look = Look { cursors: vec![Cursor { lease, after: Seq::START }], ..Look::default() };
    let row = store.fetch(&look, budget).await.unwrap().rows.remove(0);
    assert_eq!((&row.payload[..], row.headers_json.as_str()), (&b"{}"[..], "{}"));
    for bad in [
        "INSERT INTO outbox (id, topic, payload) VALUES (x'00', 'a', x'00')",
        "INSERT INTO outbox (id, topic, payload, headers) VALUES (randomblob(16), 'a', x'00', 'no json')",
        "INSERT INTO outbox (id, topic, payload, headers) VALUES (randomblob(16), 'a', x'00', '[]')",
    ] {
        assert!(Connection::open(&path).unwrap().execute(bad, []).is_err(), "{bad}");
    }
}

/// The table takes any number, and what waits there would wait for ever.
#[tokio::test]
async fn rows_with_numbers_below_one_are_delivered_before_the_others() {
    let (_folder, path) = folder();
    let store = Arc::new(SqliteStore::open(&path).unwrap());
    let insert = "INSERT INTO outbox (seq, id, topic, key, payload)
                  SELECT value, randomblob(16), 'orders.created', 'k', CAST(value AS BLOB) FROM json_each('[1, 0, -1, -9000000000]')";
    Connection::open(&path).unwrap().execute(insert, []).unwrap();
    let sink = Scripted::new(|_, _| (ms(0), Ok(())));
    let mut relay = Relay::new(store, Arc::clone(&sink), RelayConfig::default()).unwrap();
    assert_eq!(relay.run_until_empty(std::future::pending()).await.unwrap().published, 4);
    let story = sink.story();
    let payloads: Vec<&str> = story.iter().map(|line| line[5..].trim_end_matches(" ok")).collect();
    assert_eq!(payloads, ["-9000000000", "-1", "0", "1"]);
}

#[tokio::test]
async fn another_connections_commit_wakes_the_relay() {
    let (_folder, path) = folder();
    let store = Arc::new(SqliteStore::open(&path).unwrap());
    // The first look may find the version that opening left behind.
    drop(timeout(ms(600), store.changed()).await);
    let mut application = Connection::open(&path).unwrap();
    configure(&mut application).unwrap();
    let watcher = Arc::clone(&store);
    let woken = tokio::spawn(async move { watcher.changed().await });
    let tx = application.transaction_with_behavior(TransactionBehavior::Immediate).unwrap();
    enqueue(&tx, &message("k", "1")).unwrap();
    tx.commit().unwrap();
    timeout(ms(5_000), woken).await.expect("seen within a quarter of a second").unwrap();
}

#[tokio::test]
async fn a_lock_held_elsewhere_is_unavailable_and_nothing_is_written() {
    let (_folder, path) = folder();
    let store = SqliteStore::open(&path).unwrap();
    let mut other = Connection::open(&path).unwrap();
    let lock = other.transaction_with_behavior(TransactionBehavior::Immediate).unwrap();
    let outcome = store.transaction(|tx| enqueue(tx, &message("k", "1")).map(drop)).await;
    let error = outcome.unwrap_err();
    assert!(matches!(&error, TransactionError::Store(StoreError::Unavailable { .. })));
    assert!(error.to_string().ends_with("shop.db: locked by another process for 5 s"), "{error}");
    lock.rollback().unwrap();
    assert_eq!(store.status().await.unwrap().pending, 0);
}

#[tokio::test]
async fn the_lane_of_a_process_that_died_is_free_at_once() {
    let (_folder, path) = folder();
    let first = SqliteStore::open(&path).unwrap();
    let second = SqliteStore::open(&path).unwrap();
    let ttl = std::time::Duration::from_secs(3_600);
    assert!(!first.acquire(&Owner::new("first"), 1, ttl).await.unwrap().is_empty());
    assert!(second.acquire(&Owner::new("second"), 1, ttl).await.unwrap().is_empty());
    // What the operating system does when the process is gone: the lock is dropped, the lease is not.
    drop(first);
    assert!(!second.acquire(&Owner::new("second"), 1, ttl).await.unwrap().is_empty());
}

#[tokio::test]
async fn who_was_stopped_past_its_lease_does_not_take_the_lane_back_from_its_successor() {
    let (_folder, path) = folder();
    let stopped = SqliteStore::open(&path).unwrap();
    let successor = SqliteStore::open(&path).unwrap();
    let hour = std::time::Duration::from_secs(3_600);
    let (a, b) = (Owner::new("stopped"), Owner::new("successor"));
    assert_eq!(stopped.acquire(&a, 1, std::time::Duration::ZERO).await.unwrap().len(), 1);
    // The stopped process still has the file lock; the lease has expired.
    let leases = successor.acquire(&b, 1, hour).await.unwrap();
    assert_eq!(leases.len(), 1, "the lease has expired");
    assert_eq!(stopped.renew(&a, hour).await.unwrap().leases, []);
    assert_eq!(stopped.acquire(&a, 1, hour).await.unwrap(), [], "it gets the file lock, but nobody is dead");

    // With its next renewal the successor has the lock, and from then on its death frees the lane.
    assert_eq!(successor.renew(&b, hour).await.unwrap().leases, leases);
    assert_eq!(stopped.acquire(&a, 1, hour).await.unwrap(), []);
    drop(successor);
    assert_eq!(stopped.acquire(&a, 1, hour).await.unwrap().len(), 1);
}

#[tokio::test]
async fn status_tells_what_waits_and_why() {
    let (_folder, path) = folder();
    let store = Arc::new(SqliteStore::open(&path).unwrap());
    let rows = [("bad", "1"), ("bad", "2"), ("", "x")];
    let put =
        store.transaction(move |tx| rows.iter().try_for_each(|(k, p)| enqueue(tx, &message(k, p)).map(drop)));
    put.await.unwrap();
    let sink = Scripted::new(|_, _| (ms(0), Err(capstone_outbox::SinkError::Permanent("too large".into()))));
    let mut relay = Relay::new(Arc::clone(&store), sink, RelayConfig::default()).unwrap();
    relay.run_until_empty(std::future::pending()).await.unwrap();

    let status = store.status().await.unwrap();
    assert_eq!((status.pending, status.held, status.dead, status.owner), (0, 2, 1, None));
    let key = &status.keys[0];
    assert_eq!(
        (key.key.as_str(), key.state, key.attempts, key.error.as_str()),
        ("bad", "parked", 1, "too large")
    );
}

/// What time does not heal is not tried for ever: the relay ends, and says why.
#[tokio::test]
async fn a_statement_that_can_never_work_ends_the_relay_with_its_words() {
    let (_folder, path) = folder();
    let store = SqliteStore::open(&path).unwrap();
    Connection::open(&path)
        .unwrap()
        .execute_batch("ALTER TABLE outbox RENAME COLUMN headers TO heads")
        .unwrap();
    let sink = Scripted::new(|_, _| (ms(0), Ok(())));
    let mut relay = Relay::new(Arc::new(store), sink, RelayConfig::default()).unwrap();
    let ended = timeout(std::time::Duration::from_secs(30), relay.run(std::future::pending()));
    let error = ended.await.expect("it ends").unwrap_err().to_string();
    assert!(error.contains("no such column: headers"), "{error}");
}
