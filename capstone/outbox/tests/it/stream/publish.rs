//! Publishing in an application's own transaction.

use std::sync::Arc;

use capstone_outbox::sqlite::{SqliteStore, publish, publish_many};
use capstone_outbox::stream::{Start, Stream, StreamStore, Streams};
use capstone_outbox::{Message, MessageId};
use futures::{FutureExt, StreamExt};
use rusqlite::Connection;
use tokio::time::timeout;

use super::{Place, all, on, orders, shown, text};
use crate::support::ms;

on_each_store!(
    what_is_rolled_back_leaves_nothing_and_no_hole,
    what_is_committed_is_delivered_and_delivered_again,
    the_rules_are_those_of_every_publish,
);

/// How an application's transaction ends.
#[derive(Clone, Copy)]
enum End {
    Commit,
    Rollback,
}

/// One transaction of an application with a connection of its own: the numbers that its messages get, and duplicates.
async fn transact(place: &Place, messages: &[Message], end: End) -> Vec<(i64, bool)> {
    let acks = match &place.database {
        super::Database::Sqlite(folder) => {
            let mut connection = Connection::open(folder.path().join("shop.db")).unwrap();
            let tx = connection.transaction().unwrap();
            let acks = publish_many(&tx, "orders", messages).unwrap();
            match end {
                End::Commit => tx.commit().unwrap(),
                End::Rollback => tx.rollback().unwrap(),
            }
            acks
        }
        #[cfg(all(unix, feature = "postgres"))]
        super::Database::Postgres(address) => {
            let mut client = crate::postgres::connect(address).await;
            let tx = client.transaction().await.unwrap();
            let acks = capstone_outbox::postgres::publish_many(&tx, "orders", messages).await.unwrap();
            match end {
                End::Commit => tx.commit().await.unwrap(),
                End::Rollback => tx.rollback().await.unwrap(),
            }
            acks
        }
    };
    acks.iter().map(|ack| (ack.seq.0, ack.is_duplicate)).collect()
}

async fn content(stream: &Stream) -> String {
    let mut reader = stream.read(Start::First);
    let mut content = Vec::new();
    while let Some(record) = reader.try_next().await.unwrap() {
        content.push(format!("{}:{}", record.message.seq, text(&record.message.payload)));
    }
    content.join(" ")
}

async fn what_is_rolled_back_leaves_nothing_and_no_hole(place: Place) {
    let stream = place.stream(orders()).await;
    super::publish(&stream, &["1"]).await;
    let before = stream.info().await.unwrap();
    let two = ["2", "3"].map(|payload| on("orders.created", payload));
    assert_eq!(transact(&place, &two, End::Rollback).await, [(2, false), (3, false)]);
    assert_eq!(stream.info().await.unwrap(), before);
    super::publish(&stream, &["4"]).await;
    assert_eq!(transact(&place, &two, End::Commit).await, [(3, false), (4, false)]);
    assert_eq!(content(&stream).await, "1:1 2:4 3:2 4:3");
}

async fn what_is_committed_is_delivered_and_delivered_again(place: Place) {
    let stream = place.stream(orders()).await;
    let builder = stream.consumer("billing").filter("orders.created".parse().unwrap());
    let mut billing = builder.open().await.unwrap();
    assert!(all(&mut billing).await.is_empty());
    let messages = [on("orders.created", "1"), on("orders.paid", "2"), on("orders.created", "3")];
    transact(&place, &messages, End::Commit).await;
    let deliveries = all(&mut billing).await;
    assert_eq!(shown(&deliveries), ["1", "3"]);
    deliveries[0].ack().await.unwrap();
    deliveries[1].nak_after(super::Duration::ZERO).await.unwrap();
    assert_eq!(shown(&all(&mut billing).await), ["3 x2"]);
}

async fn the_rules_are_those_of_every_publish(place: Place) {
    let stream = place.stream(orders().count_max(2)).await;
    let id = MessageId::generate();
    let twice = || on("orders.created", "1").with_id(id);
    assert_eq!(transact(&place, &[twice(), twice()], End::Commit).await, [(1, false), (1, true)]);
    stream.publish(twice()).await.unwrap();
    let more = ["2", "3"].map(|payload| on("orders.created", payload));
    assert_eq!(transact(&place, &more, End::Commit).await, [(2, false), (3, false)]);
    assert_eq!(content(&stream).await, "2:2 3:3", "retention has followed");
}

#[tokio::test]
async fn a_stores_own_transaction_wakes_who_waits_and_is_undone_alone() {
    let folder = tempfile::tempdir().unwrap();
    let store = Arc::new(SqliteStore::open(folder.path().join("shop.db")).unwrap());
    let stream = Streams::new(Arc::clone(&store)).create(orders()).await.unwrap();
    let mut reader = stream.read(Start::First);
    let put = |payload: &'static str| {
        store.transaction(move |tx| publish(tx, "orders", &on("orders.created", payload)))
    };
    let failing = store.transaction(|tx| {
        publish(tx, "orders", &on("orders.created", "no")).unwrap();
        Err::<(), _>("declined")
    });
    // They wait together, and so share a commit.
    let (first, failed, second) = tokio::join!(put("1"), failing, put("2"));
    assert!(failed.is_err());
    assert_eq!((first.unwrap().seq.0, second.unwrap().seq.0), (1, 2));
    assert_eq!(text(&reader.next().await.unwrap().message.payload), "1");
    assert_eq!(text(&reader.next().await.unwrap().message.payload), "2");
    let missing = store.transaction(|tx| publish(tx, "users", &on("users.created", ""))).await;
    assert_eq!(missing.unwrap_err().to_string(), "stream \"users\" does not exist in this database");
}

#[tokio::test]
async fn only_what_is_published_wakes_those_who_wait_for_a_stream() {
    let folder = tempfile::tempdir().unwrap();
    let store = Arc::new(SqliteStore::open(folder.path().join("shop.db")).unwrap());
    Streams::new(Arc::clone(&store)).create(orders()).await.unwrap();
    let mut hints = Arc::clone(&store).hints();
    // The first look always finds something.
    hints.next().await;
    store.transaction(|tx| tx.execute_batch("CREATE TABLE orders (cents INTEGER)")).await.unwrap();
    assert_eq!(hints.next().now_or_never(), None);
    store.transaction(|tx| publish(tx, "orders", &on("orders.created", ""))).await.unwrap();
    timeout(ms(60_000), hints.next()).await.expect("it rings").unwrap();
}

#[cfg(all(unix, feature = "postgres"))]
#[tokio::test]
async fn the_store_is_told_what_was_published_on_another_connection() {
    let Some(address) = crate::postgres::migrated().await else { return };
    let store = Arc::new(crate::postgres::open(&address).await);
    let mut hints = Arc::clone(&store).hints();
    // It listens.
    hints.next().await;
    assert_eq!(hints.next().now_or_never(), None);
    store.published();
    assert_eq!(hints.next().now_or_never(), Some(Some(())));
}
