//! The tables, and what happens to a database that has none or others.

use std::sync::Arc;

use capstone_outbox::postgres::{PostgresStore, Target};
use capstone_outbox::stream::Streams;
use futures::future::join_all;

use super::{connect, database};

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

#[tokio::test]
async fn another_machine_wants_tls() {
    let error =
        Target::parse("postgres://anna:s3cret@db.example/shop?sslmode=disable").unwrap_err().to_string();
    assert!(
        error.starts_with("postgres://db.example:5432/shop: another machine is reached over TLS only"),
        "{error}"
    );
}
