//! The tables, and what happens to a database that has none or others.

use std::sync::Arc;

use capstone_outbox::postgres::{PostgresStore, Target, migration};
use capstone_outbox::store::StoreError;
use capstone_outbox::stream::{StreamConfig, Streams};
use capstone_outbox::{Relay, RelayConfig};
use futures::future::join_all;
use tokio_postgres::Client;

use super::{connect, database, migrated, open, put, somebody_waits};
use crate::support::{Scripted, message, ms};

const VERSION: u32 = 6;

#[tokio::test]
async fn migrations_are_safe_to_repeat_and_exclude_each_other() {
    let Some(address) = database().await else { return };
    let database = Target::parse(&address).unwrap();
    let at_once = join_all((0..8).map(|_| database.migrate())).await;
    let created = at_once.into_iter().map(Result::unwrap).filter(|created| *created).count();
    assert_eq!(created, 1);
    assert!(!database.migrate().await.unwrap());
}

#[tokio::test]
async fn tables_of_the_first_version_are_brought_up_to_date_with_what_they_hold() {
    let Some(address) = database().await else { return };
    let database = Target::parse(&address).unwrap();
    let client = connect(&address).await;
    client.batch_execute(include_str!("../../../src/postgres/schema.sql")).await.unwrap();
    client.batch_execute("SELECT outbox_enqueue('t', 'k', 'x')").await.unwrap();
    let error = PostgresStore::connect(&database).await.err().expect("it is too old").to_string();
    let expected = format!("have version 1, not {VERSION}: update them with `capstone migrate`");
    assert!(error.contains(&expected), "{error}");
    assert!(database.migrate().await.unwrap());
    assert!(!database.migrate().await.unwrap());
    let store = Arc::new(PostgresStore::connect(&database).await.unwrap());
    assert_eq!(store.status().await.unwrap().pending, 1);
    assert!(Streams::new(store).list().await.unwrap().is_empty());
}

#[tokio::test]
async fn tables_of_another_version_are_refused() {
    let Some(address) = database().await else { return };
    let database = Target::parse(&address).unwrap();
    database.migrate().await.unwrap();
    connect(&address).await.batch_execute("UPDATE outbox_meta SET value = '99'").await.unwrap();
    let error = database.migrate().await.unwrap_err().to_string();
    let expected = format!("its tables have version 99, this program knows version {VERSION}");
    assert!(error.ends_with(&expected), "{error}");
}

/// Two tenants in one database, each with the tables in a schema of its own; by their addresses.
async fn tenants() -> Option<(Client, [String; 2])> {
    let address = database().await?;
    let client = connect(&address).await;
    let addresses = ["a", "b"].map(|tenant| format!("{address}?options=-csearch_path%3D{tenant}"));
    client.batch_execute("CREATE SCHEMA a; CREATE SCHEMA b").await.unwrap();
    for address in &addresses {
        assert!(Target::parse(address).unwrap().migrate().await.unwrap());
        assert!(!Target::parse(address).unwrap().migrate().await.unwrap());
    }
    Some((client, addresses))
}

async fn pending(address: &str) -> u64 {
    open(address).await.status().await.unwrap().pending
}

#[tokio::test]
async fn each_schemas_functions_find_their_own_tables() {
    let Some((client, [a, b])) = tenants().await else { return };
    for (path, count) in [("a", 1), ("pg_catalog", 2), ("public, a", 3)] {
        client
            .batch_execute(&format!("SET search_path = {path}; SELECT b.outbox_enqueue('t', 'k', '1')"))
            .await
            .unwrap();
        assert_eq!((pending(&a).await, pending(&b).await), (0, count), "{path}");
    }
    client
        .batch_execute(
            "CREATE TEMPORARY TABLE outbox (LIKE b.outbox); SELECT b.outbox_enqueue('t', 'k', '1')",
        )
        .await
        .unwrap();
    assert_eq!(pending(&b).await, 4, "a temporary table is not in the way");
    let trigger = "SET search_path = public;
        CREATE TABLE orders (id text);
        CREATE FUNCTION told() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
          BEGIN PERFORM b.outbox_enqueue('orders.created', NEW.id, to_jsonb(NEW)); RETURN NEW; END $$;
        CREATE TRIGGER told AFTER INSERT ON orders FOR EACH ROW EXECUTE FUNCTION told();
        INSERT INTO orders VALUES ('order-1')";
    client.batch_execute(trigger).await.unwrap();
    assert_eq!((pending(&a).await, pending(&b).await), (0, 5));
}

#[tokio::test]
async fn each_schemas_relay_delivers_its_own_messages() {
    let Some((client, [a, b])) = tenants().await else { return };
    let messages = "SELECT a.outbox_enqueue('t', 'k', 'of a'), b.outbox_enqueue('t', 'k', 'of b')";
    client.batch_execute(messages).await.unwrap();
    for (address, expected) in [(&a, "of a"), (&b, "of b")] {
        let sink = Scripted::new(|_, _| (ms(0), Ok(())));
        let store = Arc::new(open(address).await);
        let mut relay = Relay::new(store, Arc::clone(&sink), RelayConfig::default()).unwrap();
        relay.run_until_empty(std::future::pending()).await.unwrap();
        let told: Vec<String> =
            sink.story().iter().map(|line| line.trim_start().split_once(' ').unwrap().1.to_owned()).collect();
        assert_eq!(told, [format!("{expected} ok")]);
    }
    let append = "SET search_path = a; SELECT b.outbox_stream_append(id, ARRAY[gen_random_uuid()], ARRAY['t'], ARRAY[NULL], ARRAY['{}'], ARRAY['1'::bytea])
        FROM b.outbox_stream";
    Streams::new(Arc::new(open(&b).await)).create(StreamConfig::new("s")).await.unwrap();
    client.batch_execute(append).await.unwrap();
    let streams = Streams::new(Arc::new(open(&b).await)).list().await.unwrap();
    assert_eq!(streams[0].last.0, 1);
}

#[tokio::test]
async fn tables_of_a_newer_version_are_used_if_they_let_this_one_in() {
    let Some(address) = database().await else { return };
    let database = Target::parse(&address).unwrap();
    database.migrate().await.unwrap();
    let newer = format!(
        "UPDATE outbox_meta SET value = CASE name WHEN 'schema_version' THEN '99' ELSE '{VERSION}' END;
         ALTER TABLE outbox ADD COLUMN not_yet_known text; CREATE TABLE outbox_not_yet_known (n int)"
    );
    let client = connect(&address).await;
    client.batch_execute(&newer).await.unwrap();
    assert!(!database.migrate().await.unwrap(), "there is nothing to do for it");
    put(&address, &[message("k", "1")]).await;
    let sink = Scripted::new(|_, _| (ms(0), Ok(())));
    let mut relay = Relay::new(Arc::new(open(&address).await), sink, RelayConfig::default()).unwrap();
    assert_eq!(relay.run_until_empty(std::future::pending()).await.unwrap().published, 1);

    client.batch_execute("UPDATE outbox_meta SET value = '98' WHERE name = 'compatible_from'").await.unwrap();
    for refusal in [PostgresStore::connect(&database).await.err(), database.migrate().await.err()] {
        let said = refusal.expect("it is too new").to_string();
        assert!(said.ends_with(&format!("have version 99, this program knows version {VERSION}")), "{said}");
    }
}

#[tokio::test]
async fn what_is_printed_does_what_the_migration_does() {
    let Some(printed) = database().await else { return };
    let Some(migrated) = database().await else { return };
    let target = Target::parse(&printed).unwrap();
    let client = connect(&printed).await;
    assert_eq!(target.outdated().await.unwrap(), Some(0));
    client.batch_execute(include_str!("../../../src/postgres/schema.sql")).await.unwrap();
    assert_eq!(target.outdated().await.unwrap(), Some(1));
    client.batch_execute(&format!("BEGIN; {} COMMIT", migration(1))).await.unwrap();
    assert_eq!((target.outdated().await.unwrap(), migration(VERSION as usize)), (None, String::new()));
    Target::parse(&migrated).unwrap().migrate().await.unwrap();
    // Columns, indexes, functions and what they are bound to.
    let all = "SELECT string_agg(what, E'\n' ORDER BY what) FROM (
        SELECT format('%s.%s %s %s', attrelid::regclass, attname, format_type(atttypid, atttypmod), pg_get_expr(adbin, adrelid)) AS what
          FROM pg_attribute LEFT JOIN pg_attrdef ON (adrelid, adnum) = (attrelid, attnum) WHERE attrelid::regclass::text LIKE 'outbox%'
        UNION ALL SELECT pg_get_functiondef(oid) FROM pg_proc WHERE proname LIKE 'outbox%'
        UNION ALL SELECT name || value FROM outbox_meta) AS all_of_it";
    let (printed, migrated) = (
        client.query_one(all, &[]).await.unwrap(),
        connect(&migrated).await.query_one(all, &[]).await.unwrap(),
    );
    assert_eq!(printed.get::<_, &str>(0), migrated.get::<_, &str>(0));
}

#[tokio::test]
async fn a_migration_waits_for_a_lock_a_second_at_a_time() {
    let Some(address) = database().await else { return };
    let database = Target::parse(&address).unwrap();
    database.migrate().await.unwrap();
    let (mut open, observer) = (connect(&address).await, connect(&address).await);
    let tx = open.transaction().await.unwrap();
    tx.batch_execute("LOCK outbox_meta").await.unwrap();
    let error = database.migrate().await.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable { .. }), "{error}");
    assert!(error.to_string().contains("somebody keeps a lock on the tables"), "{error}");

    let again = tokio::spawn(async move { database.migrate().await });
    somebody_waits(&observer).await;
    tx.commit().await.unwrap();
    assert!(!again.await.unwrap().unwrap());
}

#[tokio::test]
async fn names_that_an_application_has_taken_are_named() {
    let Some(address) = database().await else { return };
    let client = connect(&address).await;
    client.batch_execute("CREATE TABLE outbox_dead (note text); CREATE SCHEMA messages").await.unwrap();
    let error = Target::parse(&address).unwrap().migrate().await.unwrap_err().to_string();
    assert!(
        error.contains("relation \"outbox_dead\" already exists (42P07), and is not ours: CREATE SCHEMA"),
        "{error}"
    );
    let beside = format!("{address}?options=-csearch_path%3Dmessages");
    assert!(Target::parse(&beside).unwrap().migrate().await.unwrap());
    open(&beside).await;
}

#[tokio::test]
async fn what_is_added_comes_to_lie_beside_what_is_there() {
    let Some(address) = database().await else { return };
    let client = connect(&address).await;
    client.batch_execute(include_str!("../../../src/postgres/schema.sql")).await.unwrap();
    client.batch_execute("CREATE SCHEMA first").await.unwrap();
    let before = format!("{address}?options=-csearch_path%3Dfirst,public");
    assert!(Target::parse(&before).unwrap().migrate().await.unwrap());
    let strays = "SELECT count(*) FROM pg_class WHERE relnamespace = 'first'::regnamespace";
    assert_eq!(client.query_one(strays, &[]).await.unwrap().get::<_, i64>(0), 0);
    open(&before).await;

    client.batch_execute("CREATE TABLE first.outbox_dead (LIKE outbox_dead)").await.unwrap();
    let error = PostgresStore::connect(&Target::parse(&before).unwrap()).await.err().unwrap().to_string();
    assert!(error.contains("in several schemas, first and public: say which one"), "{error}");
}

#[tokio::test]
async fn a_relay_that_would_not_see_the_rows_is_refused() {
    let Some(address) = migrated().await else { return };
    put(&address, &[message("k", "1")]).await;
    let client = connect(&address).await;
    let role = format!("relay_{}", address.rsplit('/').next().unwrap());
    let hide = format!(
        "CREATE ROLE {role} LOGIN; GRANT ALL ON ALL TABLES IN SCHEMA public TO {role}; ALTER TABLE outbox ENABLE ROW LEVEL SECURITY"
    );
    client.batch_execute(&hide).await.unwrap();
    let as_role = Target::parse(&address.replace("postgres@", &format!("{role}@"))).unwrap();
    let error = PostgresStore::connect(&as_role).await.err().expect("it sees nothing").to_string();
    assert!(error.contains("row-level security hides rows of outbox from this user: "), "{error}");
    open(&address).await; // As the owner.
    client.batch_execute(&format!("ALTER ROLE {role} BYPASSRLS")).await.unwrap();
    assert_eq!(PostgresStore::connect(&as_role).await.unwrap().status().await.unwrap().pending, 1);
}

#[tokio::test]
async fn another_machine_wants_tls() {
    let error =
        Target::parse("postgres://anna:s3cret@db.example/shop?sslmode=disable").unwrap_err().to_string();
    assert!(
        error.starts_with("postgres://db.example:5432/shop: another machine is reached over TLS only"),
        "{error}"
    );
}
