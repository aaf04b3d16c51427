//! Other languages enqueue with plain SQL: the examples in Python, and what a wrong value is answered with.

use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;

use capstone_outbox::sqlite::SqliteStore;
use capstone_outbox::{Relay, RelayConfig, Store};
use rusqlite::{Connection, params};
use tokio::process::Command;

use crate::support::{Scripted, ms};

fn package() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Runs an example; `false` where Python, or what it imports, is missing, which is said.
async fn run(script: &str, argument: impl AsRef<std::ffi::OsStr>, library: Option<&str>) -> bool {
    let folder = library.map(|library| package().join("../../.tools/python").join(library));
    let python = Command::new("python3").arg("--version").stdout(Stdio::null()).status().await;
    if !folder.iter().all(|folder| folder.is_dir()) || !python.is_ok_and(|status| status.success()) {
        let what =
            library.map_or("Python is missing".to_owned(), |name| format!("Python or {name} is missing"));
        assert!(std::env::var_os("CI").is_none(), "{what}: cargo x tools");
        eprintln!("skipped: {what}: cargo x tools");
        return false;
    }
    let mut command = Command::new("python3");
    command.arg(package().join("examples/python").join(script)).arg(argument).kill_on_drop(true);
    command.env("PYTHONPATH", folder.unwrap_or_default()).env("PYTHONDONTWRITEBYTECODE", "1");
    let output = command.output().await.expect("python3 is there");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    assert_eq!(said, "rolled back: an order of -1 cents\n");
    true
}

/// Publishes what is there: one line a message, in the order in which they were published.
async fn relayed(store: impl Store) -> Vec<String> {
    let lines = Arc::new(std::sync::Mutex::new(Vec::new()));
    let written = Arc::clone(&lines);
    let sink = Scripted::new(move |row, _| {
        let (key, payload) = (row.key.as_deref().unwrap_or("-"), String::from_utf8_lossy(&row.payload));
        written.lock().unwrap().push(format!("{} {key} {} {payload}", row.topic, row.headers_json));
        (ms(0), Ok(()))
    });
    let mut relay = Relay::new(Arc::new(store), sink, RelayConfig::default()).unwrap();
    relay.run_until_empty(std::future::pending()).await.unwrap();
    lines.lock().unwrap().clone()
}

/// Both orders that were committed, whole, and each of them in order. One in between was rolled back.
#[track_caller]
fn told(lines: &[String], second: u32) {
    for (order, cents) in [(1, 1_250), (second, 700)] {
        let key = format!(" order-{order} ");
        let of_key: Vec<&String> = lines.iter().filter(|line| line.contains(&key)).collect();
        let payload = format!(r#"{{"order": {order}, "cents": {cents}}}"#);
        let created = format!(r#"orders.created{key}{{"source": "python"}} {payload}"#);
        assert_eq!(of_key, [&created, &format!("orders.paid{key}{{}} {payload}")]);
    }
    assert_eq!(lines.len(), 4, "nothing of what was rolled back: {lines:?}");
}

#[tokio::test]
async fn python_enqueues_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.db");
    SqliteStore::migrate(&path).unwrap();
    if run("sqlite.py", &path, None).await {
        // Rolled back, a number of SQLite's is free again.
        told(&relayed(SqliteStore::open(&path).unwrap()).await, 2);
    }
}

#[test]
fn sqlite_says_what_is_wrong_with_a_row() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.db");
    SqliteStore::migrate(&path).unwrap();
    let connection = Connection::open(&path).unwrap();
    let insert = "INSERT INTO outbox (id, topic, key, headers, payload) VALUES (?1, ?2, ?3, ?4, ?5)";
    let refused = |row: &[&dyn rusqlite::ToSql]| connection.execute(insert, row).unwrap_err().to_string();
    let (id, payload) = ([7_u8; 16], &b"{}"[..]);
    let text = "0191e5a0-0000-7000-8000-000000000000";
    assert_eq!(
        refused(params![text, "a", "k", "{}", payload]),
        "cannot store TEXT value in BLOB column outbox.id"
    );
    assert_eq!(
        refused(params![[7_u8; 15], "a", "k", "{}", payload]),
        "CHECK constraint failed: length(id) = 16"
    );
    assert_eq!(
        refused(params![id, None::<&str>, "k", "{}", payload]),
        "NOT NULL constraint failed: outbox.topic"
    );
    assert_eq!(
        refused(params![id, "a", "k", "[]", payload]),
        "CHECK constraint failed: json_type(headers) = 'object'"
    );
    assert_eq!(refused(params![id, "a", "k", "{", payload]), "malformed JSON");
    assert_eq!(
        refused(params![id, "a", "k", "{}", "text"]),
        "cannot store TEXT value in BLOB column outbox.payload"
    );
    assert_eq!(connection.execute(insert, params![id, "a", None::<&str>, "{}", payload]).unwrap(), 1);
}

#[cfg(all(unix, feature = "postgres"))]
#[tokio::test]
async fn python_enqueues_on_postgres() {
    let Some(address) = crate::postgres::migrated().await else { return };
    if run("postgres.py", &address, Some("psycopg2")).await {
        told(&relayed(crate::postgres::open(&address).await).await, 3);
    }
}

#[cfg(all(unix, feature = "postgres"))]
#[tokio::test]
async fn postgres_says_what_is_wrong_with_a_message() {
    let Some(address) = crate::postgres::migrated().await else { return };
    let client = crate::postgres::connect(&address).await;
    let cases = [
        (
            "NULL, 'k', ''",
            "null value in column \"topic\" of relation \"outbox\" violates not-null constraint",
        ),
        (
            "'a', 'k', NULL",
            "null value in column \"payload\" of relation \"outbox\" violates not-null constraint",
        ),
        ("'a', '', ''", "new row for relation \"outbox\" violates check constraint \"outbox_key_check\""),
        (
            "'a', repeat('k', 513), ''",
            "new row for relation \"outbox\" violates check constraint \"outbox_key_check\"",
        ),
        (
            "'a', 'k', '', '[]'",
            "new row for relation \"outbox\" violates check constraint \"outbox_headers_check\"",
        ),
        ("'a', 'k', '', '{'", "invalid input syntax for type json"),
        ("'a', 'k', '', '{}', '7'", "invalid input syntax for type uuid: \"7\""),
    ];
    for (arguments, expected) in cases {
        let call = format!("SELECT outbox_enqueue({arguments})");
        let error = client.batch_execute(&call).await.unwrap_err();
        assert_eq!(error.as_db_error().unwrap().message(), expected, "{call}");
    }
}
