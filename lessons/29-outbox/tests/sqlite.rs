//! What the chapter says about SQLite. Files are real and so is the clock; no test waits for a time.

use lesson_29::database::Database;
use lesson_29::shop::{TABLES, orders, place_order};
use rusqlite::{Connection, ErrorCode, TransactionBehavior};
use tokio::sync::oneshot;

const INSERT: &str = "INSERT INTO outbox (id, body) VALUES (?1, '')";

/// Two connections to one file.
fn two_connections() -> (tempfile::TempDir, Connection, Connection) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("shop.db");
    let first = Connection::open(&file).unwrap();
    first.execute_batch(TABLES).unwrap();
    let second = Connection::open(&file).unwrap();
    second.busy_timeout(std::time::Duration::ZERO).unwrap(); // do not wait for the lock
    (folder, first, second)
}

fn numbers(connection: &Connection) -> Vec<i64> {
    let mut select = connection.prepare("SELECT seq FROM outbox ORDER BY seq").unwrap();
    let rows = select.query_map([], |row| row.get(0)).unwrap();
    rows.collect::<rusqlite::Result<_>>().unwrap()
}

// ANCHOR: one-writer
#[test]
fn sqlite_has_one_writer_so_its_numbers_are_in_commit_order() {
    let (_folder, mut first, mut second) = two_connections();
    let tx = first.transaction_with_behavior(TransactionBehavior::Immediate).unwrap();
    tx.execute(INSERT, ["first"]).unwrap(); // row 1, not committed

    let error = second.transaction_with_behavior(TransactionBehavior::Immediate).unwrap_err();
    assert_eq!(error.sqlite_error_code(), Some(ErrorCode::DatabaseBusy)); // the second gets no number yet
    assert_eq!(numbers(&second), [0; 0]); // and does not see row 1

    tx.commit().unwrap();
    second.execute(INSERT, ["second"]).unwrap();
    assert_eq!(numbers(&first), [1, 2]);
}
// ANCHOR_END: one-writer

/// Marks by deleting the row, and returns the number of the next one.
fn next_after_a_deleted_row(table: &str) -> i64 {
    let connection = Connection::open_in_memory().unwrap();
    connection.execute_batch(table).unwrap();
    connection.execute(INSERT, ["a"]).unwrap();
    connection.execute("DELETE FROM outbox", []).unwrap();
    connection.execute(INSERT, ["b"]).unwrap();
    connection.last_insert_rowid()
}

#[test]
fn a_number_is_used_again_unless_the_table_says_autoincrement() {
    let without = "CREATE TABLE outbox (seq INTEGER PRIMARY KEY, id TEXT NOT NULL, body TEXT NOT NULL)";
    assert_eq!(next_after_a_deleted_row(without), 1, "`seq > 1` would never find it");
    assert_eq!(next_after_a_deleted_row(TABLES), 2);
}

#[test]
fn the_poll_reads_the_index_of_unsent_rows() {
    let connection = Connection::open_in_memory().unwrap();
    connection.execute_batch(TABLES).unwrap();
    let query = "EXPLAIN QUERY PLAN SELECT seq, id, body FROM outbox WHERE sent = 0 ORDER BY seq LIMIT 100";
    let plan: String = connection.query_row(query, [], |row| row.get("detail")).unwrap();
    assert_eq!(plan, "SCAN outbox USING INDEX outbox_unsent");
}

#[test]
fn synchronous_is_full_by_default() {
    let (_folder, connection, _) = two_connections();
    let synchronous: i64 = connection.query_row("PRAGMA synchronous", [], |row| row.get(0)).unwrap();
    assert_eq!(synchronous, 2, "2 is FULL: a commit returns when it is on the disk");
}

// ANCHOR: dropped
#[tokio::test]
async fn a_transaction_whose_caller_is_gone_is_committed_all_the_same() {
    let shop = Database::in_memory(TABLES).unwrap();
    let (started, has_started) = oneshot::channel();
    let (go_on, may_go_on) = std::sync::mpsc::channel();
    let placing = shop.transaction(move |tx| {
        started.send(()).unwrap();
        may_go_on.recv().unwrap();
        Ok(tx.execute("INSERT INTO orders (id, item) VALUES (7, 'lamp')", [])?)
    });
    tokio::select! {
        started = has_started => started.unwrap(), // drops `placing`
        _ = placing => unreachable!("it waits for `go_on`"),
    }
    go_on.send(()).unwrap();
    assert_eq!(orders(&shop).await.unwrap(), 1);
}
// ANCHOR_END: dropped

#[tokio::test]
async fn a_transaction_that_fails_is_rolled_back() {
    let shop = Database::in_memory(TABLES).unwrap();
    place_order(&shop, 7).await.unwrap();
    shop.before_each_commit(|| true).unwrap(); // as if the disk were full
    place_order(&shop, 8).await.unwrap_err();
    shop.before_each_commit(|| false).unwrap();
    assert_eq!(orders(&shop).await.unwrap(), 1);
    place_order(&shop, 8).await.unwrap();
}
