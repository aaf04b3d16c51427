//! An SQLite file, and an outbox that messages do not leave.

use rusqlite::Connection;

use super::{Examined, examine};
use crate::support::{Place, run};

fn open(place: &Place) -> Connection {
    Connection::open(place.path("shop.db")).unwrap()
}

async fn migrated() -> Place {
    let place = Place::new();
    run(&["migrate", "--db", &place.db()]).await.done();
    place
}

async fn doctor(place: &Place) -> Examined {
    examine(&["--db", &place.db()]).await
}

#[tokio::test]
async fn nothing_is_wrong_with_a_new_outbox() {
    let place = migrated().await;
    let examined = doctor(&place).await;
    assert_eq!((examined.code, examined.complaints()), (0, vec![]));
    examined
        .says("tables", "ok", &["version"])
        .says("journal", "ok", &["WAL"])
        .says("synchronous", "ok", &["cannot be seen from here"])
        .says("write lock", "ok", &[])
        .says("integrity", "ok", &[])
        .says("relay", "ok", &[]);
    let told = run(&["doctor", "--db", &place.db()]).await.done();
    assert!(told.stdout.contains("ok       tables               version"), "{}", told.stdout);
    assert!(told.stderr.contains(" checks; problems: 0, "), "{}", told.stderr);
}

#[tokio::test]
async fn a_file_that_is_missing_or_no_database_or_without_our_tables() {
    let place = Place::new();
    let missing = doctor(&place).await;
    assert_eq!((missing.code, place.path("shop.db").exists()), (1, false), "and it creates none");
    missing.says("reachable", "problem", &["no such file"]);

    std::fs::write(place.path("shop.db"), [b'x'; 4_096]).unwrap();
    let other = doctor(&place).await;
    assert_eq!(other.code, 1);
    other.says("reachable", "problem", &["not an SQLite database"]);

    std::fs::remove_file(place.path("shop.db")).unwrap();
    open(&place).execute_batch("CREATE TABLE orders (cents INTEGER)").unwrap();
    let foreign = doctor(&place).await;
    assert_eq!(foreign.code, 1);
    foreign.says("tables", "problem", &["none of ours", "capstone migrate --db sqlite:"]);
    foreign.says("journal", "warning", &["delete"]);
}

#[tokio::test]
async fn tables_of_another_version() {
    let place = migrated().await;
    let set = |version: &str| {
        let update = "UPDATE outbox_meta SET value = ?1 WHERE name = 'schema_version'";
        assert_eq!(open(&place).execute(update, [version]).unwrap(), 1);
    };
    set("1");
    doctor(&place).await.says("tables", "problem", &["version 1", "capstone migrate"]);
    set("99");
    doctor(&place).await.says("tables", "ok", &["version 99", "may use"]);
    let lets_in = "UPDATE outbox_meta SET value = '98' WHERE name = 'compatible_from'";
    assert_eq!(open(&place).execute(lets_in, []).unwrap(), 1);
    let newer = doctor(&place).await;
    newer.says("tables", "problem", &["version 99", "newer program"]);
    assert_eq!((newer.code, newer.complaints()), (1, vec!["tables"]));
}

#[tokio::test]
async fn a_write_ahead_log_that_cannot_begin_anew() {
    let place = migrated().await;
    let database = open(&place);
    database
        .execute_batch(
            "PRAGMA wal_autocheckpoint = 0; CREATE TABLE t (b); INSERT INTO t VALUES (zeroblob(70000000))",
        )
        .unwrap();
    let examined = doctor(&place).await;
    examined.says("write-ahead log", "warning", &["reads in one transaction"]);
    assert_eq!((examined.code, examined.complaints()), (0, vec!["write-ahead log"]));
}

#[tokio::test]
async fn somebody_who_keeps_the_write_lock() {
    let place = migrated().await;
    let database = open(&place);
    database.execute_batch("BEGIN IMMEDIATE").unwrap();
    let examined = doctor(&place).await;
    examined.says("write lock", "problem", &["another program", "commit it sooner"]);
    assert_eq!((examined.code, examined.complaints()), (1, vec!["write lock"]));
}

#[tokio::test]
async fn a_damaged_file() {
    let place = migrated().await;
    // Two indexes in the same pages.
    let damage = "CREATE TABLE t (a); CREATE TABLE u (b); CREATE INDEX ta ON t (a); CREATE INDEX tb ON u (b);
        PRAGMA writable_schema = ON;
        UPDATE sqlite_schema SET rootpage = (SELECT rootpage FROM sqlite_schema WHERE name = 'ta') WHERE name = 'tb'";
    open(&place).execute_batch(damage).unwrap();
    let examined = doctor(&place).await;
    examined.says("integrity", "problem", &["damaged", "backup"]);
    assert_eq!((examined.code, examined.complaints()), (1, vec!["integrity"]));
}

#[tokio::test]
async fn a_file_that_is_damaged_where_it_is_read_first() {
    let place = migrated().await;
    open(&place).execute_batch("PRAGMA journal_mode = DELETE").unwrap();
    let path = place.path("shop.db");
    let mut bytes = std::fs::read(&path).unwrap();
    // All pages but the first, which lists the tables.
    bytes[4_096..].fill(0xff);
    std::fs::write(&path, bytes).unwrap();
    let examined = doctor(&place).await;
    assert_eq!(examined.code, 1);
    examined.says("integrity", "problem", &["damaged", "backup"]);
}

#[tokio::test]
async fn messages_that_wait_for_nobody_or_for_long() {
    let place = migrated().await;
    place.enqueue("{\"topic\":\"a\",\"payload\":1}\n").await.done();
    let examined = doctor(&place).await;
    examined.says("relay", "problem", &["1 message", "start `capstone relay`"]);
    assert_eq!((examined.code, examined.complaints()), (1, vec!["relay"]));

    open(&place)
        .execute_batch(
            "UPDATE outbox SET created_ms = created_ms - 900000;
             UPDATE outbox_lane SET owner = 'other', expires_ms = 9e15",
        )
        .unwrap();
    run(&["pause", "--by", "anna", "--db", &place.db()]).await.done();
    let examined = doctor(&place).await;
    examined.says("oldest message", "warning", &["has waited for 9"]).says(
        "pause",
        "warning",
        &["anna", "capstone resume"],
    );
    assert_eq!(
        (examined.code, examined.complaints()),
        (0, vec!["oldest message", "pause"]),
        "a relay has the lane"
    );
}

#[tokio::test]
async fn a_clock_that_was_ahead() {
    let place = migrated().await;
    place.enqueue("{\"topic\":\"a\",\"payload\":1}\n").await.done();
    run(&["relay", "--db", &place.db(), "--sink", "stream", "--until-empty"]).await.done();
    doctor(&place).await.says("clock", "ok", &[]);
    let day = 86_400_000;
    open(&place).execute_batch(&format!("UPDATE outbox_stream SET last_ms = last_ms + {day}")).unwrap();
    doctor(&place).await.says("clock", "warning", &["messages from the future: 0, streams: 1"]);
    place.enqueue("{\"topic\":\"a\",\"payload\":1}\n").await.done();
    open(&place)
        .execute_batch(&format!(
            "UPDATE outbox_stream SET last_ms = 0; UPDATE outbox SET created_ms = created_ms + {day}"
        ))
        .unwrap();
    doctor(&place).await.says("clock", "warning", &["messages from the future: 1, streams: 0"]);
    let status = run(&["status", "--db", &place.db()]).await.done().stdout;
    assert!(status.starts_with("pending  1  oldest 0 ms ago\n"), "{status}");
    open(&place).execute_batch("UPDATE outbox SET created_ms = 0").unwrap();
    let status = run(&["status", "--db", &place.db()]).await.done().stdout;
    assert!(status.contains(" days ago\n"), "{status}");
}

#[tokio::test]
async fn a_relay_that_went_without_a_word() {
    let place = migrated().await;
    let dies = |locked, expires| {
        let sql =
            format!("UPDATE outbox_lane SET owner = 'other', locked = {locked}, expires_ms = {expires}");
        open(&place).execute_batch(&sql).unwrap();
    };
    // Its lease has ended; it holds for long, but nobody has the file lock that comes with it.
    for (locked, expires) in [(0, "0"), (1, "9e15")] {
        dies(locked, expires);
        let examined = doctor(&place).await;
        examined.says("leases", "warning", &["1 relay"]);
        assert_eq!((examined.code, examined.complaints()), (0, vec!["leases"]));
    }
    place.enqueue("{\"topic\":\"a\",\"payload\":1}\n").await.done();
    doctor(&place).await.says("relay", "problem", &["1 message"]);
    dies(0, "9e15");
    let examined = doctor(&place).await;
    assert_eq!((examined.code, examined.complaints()), (0, vec![]));
}

#[tokio::test]
async fn messages_that_were_given_up_or_are_suspected() {
    let place = migrated().await;
    place
        .enqueue("{\"topic\":\"a\",\"payload\":1}\n{\"topic\":\"a\",\"key\":\"k\",\"payload\":1}\n")
        .await
        .done();
    open(&place).execute_batch("UPDATE outbox SET topic = 'no topic'").unwrap();
    run(&["relay", "--db", &place.db(), "--sink", "stream", "--until-empty"]).await.done();
    open(&place)
        .execute_batch("INSERT INTO outbox_started (seq, id, starts) SELECT seq, id, 1 FROM outbox")
        .unwrap();
    let examined = doctor(&place).await;
    examined
        .says("dead letters", "warning", &["1 message", "capstone dead requeue"])
        .says("parked keys", "warning", &["1 key", "capstone keys retry"])
        .says("crash-poison", "warning", &["1 message"]);
    assert_eq!(
        (examined.code, examined.complaints()),
        (0, vec!["crash-poison", "dead letters", "parked keys"])
    );
}

#[tokio::test]
async fn a_file_that_a_relay_could_not_write() {
    let place = migrated().await;
    for (name, code) in [("out.ndjson", 0), ("missing/out.ndjson", 1), (".", 1)] {
        let sink = format!("file:{}", place.path(name).display());
        let examined = examine(&["--db", &place.db(), "--sink", &sink]).await;
        examined.says("file", if code == 0 { "ok" } else { "problem" }, &[]);
        assert_eq!(examined.code, code, "{name}");
    }
}

#[tokio::test]
async fn the_database_may_stand_in_the_settings() {
    let place = migrated().await;
    let settings = place.path("capstone.toml");
    std::fs::write(&settings, format!("[store]\ndb = \"{}\"\n", place.db())).unwrap();
    let examined = examine(&["--config", settings.to_str().unwrap()]).await;
    assert_eq!((examined.code, examined.complaints()), (0, vec![]));
}

#[tokio::test]
async fn a_stream_without_a_bound_that_has_grown_large() {
    let place = migrated().await;
    let stream =
        "INSERT INTO outbox_stream (name, bytes, dedup_ms, dedup_count) VALUES ('orders', 2147483648, 0, 0)";
    open(&place).execute_batch(stream).unwrap();
    let large = doctor(&place).await;
    large.says("streams", "warning", &["orders", "2048 MiB", "capstone stream set orders"]);
    assert_eq!((large.code, large.complaints()), (0, vec!["streams"]));
    open(&place).execute_batch("UPDATE outbox_stream SET count_max = 1").unwrap();
    doctor(&place).await.says("streams", "ok", &["bounded"]).says("inbox", "ok", &["about 0"]);
}
