//! A PostgreSQL database, its server, and an outbox that messages do not leave.

use capstone_postgres_server::{Server, Stop};
use tokio_postgres::{Client, NoTls};

use super::{Examined, examine};
use crate::support::{run, run_with};

/// An application's session; it ends with the client.
async fn connect(db: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(db, NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

async fn doctor(db: &str) -> Examined {
    examine(&["--db", db]).await
}

/// One with our tables, which does not wait for its disk: that alone is wrong with it.
async fn migrated() -> Option<(Server, String)> {
    let server = Server::start()?;
    let db = server.address("postgres");
    run(&["migrate", "--db", &db]).await.done();
    Some((server, db))
}

#[tokio::test]
async fn nothing_is_wrong_with_a_new_outbox() {
    let Some(server) = Server::start_durable() else { return };
    let db = server.address("postgres");
    let none = doctor(&db).await;
    none.says("tables", "problem", &["none of ours", "capstone migrate"]);
    assert_eq!((none.code, none.complaints()), (1, vec!["tables"]));

    run(&["migrate", "--db", &db]).await.done();
    let examined = doctor(&db).await;
    assert_eq!((examined.code, examined.complaints()), (0, vec![]));
    examined.says("clock", "ok", &["0 ms"]).says("synchronous_commit", "ok", &["cannot be seen from here"]);

    server.stop(Stop::Fast);
    let gone = doctor(&db).await;
    assert_eq!((gone.code, gone.complaints()), (1, vec![]), "only that it cannot be reached");
    gone.says("reachable", "problem", &["refused", "address"]);
}

#[tokio::test]
async fn a_server_that_forgets() {
    let Some((server, db)) = migrated().await else { return };
    connect(&db).await.batch_execute("ALTER DATABASE postgres SET synchronous_commit = off").await.unwrap();
    let examined = doctor(&db).await;
    examined.says("fsync", "problem", &["power cut"]).says(
        "synchronous_commit",
        "problem",
        &["forgets commits"],
    );
    assert_eq!((examined.code, examined.complaints()), (1, vec!["fsync", "synchronous_commit"]));

    let folder = connect(&db).await.query_one("SHOW data_directory", &[]).await.unwrap().get::<_, String>(0);
    server.stop(Stop::Fast);
    std::fs::write(std::path::Path::new(&folder).join("standby.signal"), "").unwrap();
    server.run();
    doctor(&db).await.says("primary", "problem", &["standby", "address of the primary"]);
}

#[tokio::test]
async fn tables_that_are_not_as_they_were_made() {
    let Some((server, db)) = migrated().await else { return };
    let client = connect(&db).await;
    let harm = "DROP INDEX outbox_ready; ALTER TABLE outbox SET (autovacuum_enabled = off)";
    client.batch_execute(harm).await.unwrap();
    let examined = doctor(&db).await;
    examined.says("indexes", "problem", &["outbox_ready"]).says("vacuum", "problem", &["off for outbox,"]);
    assert_eq!(examined.complaints(), ["fsync", "indexes", "vacuum"]);

    client.batch_execute("ALTER SYSTEM SET autovacuum = off").await.unwrap();
    client.batch_execute("ALTER TABLE outbox RESET (autovacuum_enabled)").await.unwrap();
    server.stop(Stop::Fast);
    server.run();
    doctor(&db).await.says("vacuum", "problem", &["off for the whole server"]);
    let client = connect(&db).await;
    client.batch_execute("UPDATE outbox_meta SET value = '99'").await.unwrap();
    doctor(&db).await.says("tables", "problem", &["version 99", "newer program"]);
    client.batch_execute("UPDATE outbox_meta SET value = '1' WHERE name = 'compatible_from'").await.unwrap();
    doctor(&db).await.says("tables", "ok", &["version 99", "may use"]);
    client.batch_execute("UPDATE outbox_meta SET value = '1'").await.unwrap();
    doctor(&db).await.says("tables", "problem", &["version 1", "capstone migrate"]);
}

#[tokio::test]
async fn rows_that_are_gone_and_not_cleared() {
    let Some((_server, db)) = migrated().await else { return };
    let reader = connect(&db).await;
    // Whatever is deleted from now on may still be read by this one.
    reader.batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1 FROM outbox").await.unwrap();
    let rows = "INSERT INTO outbox (id, topic, payload) SELECT gen_random_uuid(), 'a', '' FROM generate_series(1, 100000);";
    let writer = connect(&db).await;
    for statement in [rows, "DELETE FROM outbox", "SELECT pg_stat_force_next_flush()"] {
        writer.batch_execute(statement).await.unwrap();
    }
    for _ in 0..20 {
        writer.batch_execute("SELECT txid_current()").await.unwrap();
    }
    let examined = doctor(&db).await;
    examined
        .says("vacuum", "warning", &["dead rows in the table outbox: 100000,", "VACUUM"])
        .says("idle in transaction", "ok", &["sessions: 1, the longest for"])
        .says("xmin", "ok", &["in use is 2"]);
    assert_eq!(examined.complaints(), ["fsync", "vacuum"]);

    writer
        .batch_execute("CREATE ROLE shop LOGIN; GRANT SELECT ON ALL TABLES IN SCHEMA public TO shop")
        .await
        .unwrap();
    let of_shop = doctor(&db.replace("postgres@", "shop@")).await;
    of_shop.says("idle in transaction", "ok", &["sessions of this user", ": 0, "]);
    writer.batch_execute("REVOKE SELECT ON outbox_dead FROM shop").await.unwrap();
    let of_shop = doctor(&db.replace("postgres@", "shop@")).await;
    of_shop.says("examination", "problem", &["cannot go on", "permission denied", "outbox_dead"]);
}

#[tokio::test]
async fn rows_that_were_restored_without_their_sequence() {
    let Some((_server, db)) = migrated().await else { return };
    let client = connect(&db).await;
    client
        .batch_execute("SELECT outbox_enqueue('a', NULL, '1'), outbox_enqueue('a', NULL, '2')")
        .await
        .unwrap();
    client.batch_execute("ALTER SEQUENCE outbox_seq_seq RESTART").await.unwrap();
    let advice = "SELECT setval('outbox_seq_seq', (SELECT max(seq) FROM outbox))";
    doctor(&db).await.says("numbers", "problem", &["is at 0", "2 is in use", advice]);
    client.batch_execute(advice).await.unwrap();
    doctor(&db).await.says("numbers", "ok", &["ahead"]);
}

#[tokio::test]
async fn rows_that_a_policy_hides() {
    let Some((_server, db)) = migrated().await else { return };
    let client = connect(&db).await;
    let hide = "SELECT outbox_enqueue('a', 'k', '1'); ALTER TABLE outbox ENABLE ROW LEVEL SECURITY;
                CREATE ROLE shop LOGIN; GRANT SELECT ON ALL TABLES IN SCHEMA public TO shop";
    client.batch_execute(hide).await.unwrap();
    let of_shop = db.replace("postgres@", "shop@");
    doctor(&of_shop).await.says(
        "row-level security",
        "problem",
        &["hides rows of outbox from this user", "BYPASSRLS"],
    );
    doctor(&db).await.says("row-level security", "ok", &["every row"]);
    run(&["status", "--db", &of_shop]).await.failed_with(&["row-level security hides rows of outbox"]);
}

#[tokio::test]
async fn sessions_that_the_server_ends_and_those_that_are_many() {
    let Some((_server, db)) = migrated().await else { return };
    let client = connect(&db).await;
    client.batch_execute("ALTER DATABASE postgres SET idle_session_timeout = '1s'").await.unwrap();
    let examined = doctor(&db).await;
    examined.says("idle sessions", "warning", &["after 1000 ms", "idle_session_timeout = 0"]);
    examined.says("connections", "ok", &[" of 197 are in use; a relay has at most 4, so 4"]);
    examined.says("session", "ok", &["stays the same"]);
}

#[tokio::test]
async fn messages_that_wait_or_were_given_up() {
    let Some((_server, db)) = migrated().await else { return };
    let client = connect(&db).await;
    let lines = "{\"topic\":\"a\",\"payload\":1}\n{\"topic\":\"a\",\"key\":\"k\",\"payload\":1}\n";
    run_with(&["enqueue", "--db", &db], lines).await.done();
    let examined = doctor(&db).await;
    examined.says("relay", "problem", &["2 messages", "start `capstone relay`"]);
    assert_eq!(examined.complaints(), ["fsync", "relay"]);

    client.batch_execute("UPDATE outbox SET topic = 'no topic'").await.unwrap();
    run(&["relay", "--db", &db, "--sink", "stream", "--until-empty"]).await.done();
    run(&["pause", "--by", "anna", "--db", &db]).await.done();
    client
        .batch_execute("INSERT INTO outbox_started (seq, id, starts) SELECT seq, id, 1 FROM outbox")
        .await
        .unwrap();
    let examined = doctor(&db).await;
    examined
        .says("dead letters", "warning", &["1 message", "capstone dead requeue"])
        .says("parked keys", "warning", &["1 key", "capstone keys retry"])
        .says("crash-poison", "warning", &["1 message"])
        .says("pause", "warning", &["anna"]);
    assert_eq!(examined.complaints(), ["crash-poison", "dead letters", "fsync", "parked keys", "pause"]);
}

#[tokio::test]
async fn a_relay_that_went_without_a_word() {
    let Some((_server, db)) = migrated().await else { return };
    let client = connect(&db).await;
    let holds = "INSERT INTO outbox_relay VALUES ('other', clock_timestamp() + interval '1 hour', true);
                 UPDATE outbox_lane SET owner = 'other'";
    client.batch_execute(holds).await.unwrap();
    let line = "{\"topic\":\"a\",\"payload\":1}\n";
    run_with(&["enqueue", "--db", &db], line).await.done();
    client.batch_execute("UPDATE outbox SET created_at = created_at - interval '900 s'").await.unwrap();
    // Nobody has the lock that comes with its lease.
    let examined = doctor(&db).await;
    examined.says("leases", "warning", &["1 relay"]).says("oldest message", "warning", &["has waited for 9"]);
    assert_eq!(examined.complaints(), ["fsync", "leases", "oldest message", "relay"]);

    client.batch_execute("SELECT pg_advisory_lock(hashtextextended('other', 4712))").await.unwrap();
    assert_eq!(doctor(&db).await.complaints(), ["fsync", "oldest message"]);
    let unread = "UPDATE outbox_relay SET unread = ARRAY(SELECT lane FROM outbox_lane)";
    client.batch_execute(unread).await.unwrap();
    let examined = doctor(&db).await;
    examined.says("reading", "problem", &["not looked for half a minute where messages wait: other"]);
    assert_eq!(examined.complaints(), ["fsync", "oldest message", "reading"]);
    client.batch_execute("UPDATE outbox_relay SET expires_at = clock_timestamp()").await.unwrap();
    assert_eq!(doctor(&db).await.complaints(), ["fsync", "leases", "oldest message", "relay"]);
    client.batch_execute("UPDATE outbox_lane SET owner = NULL").await.unwrap();
    assert_eq!(doctor(&db).await.complaints(), ["fsync", "oldest message", "relay"], "it keeps none");
}
