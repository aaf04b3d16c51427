//! Streams that are deleted, and what is forgotten.

use std::time::Duration;

use capstone_outbox::stream::{Start, StreamError};

use super::{Place, all, on, orders, publish, text};

on_each_store!(
    a_stream_is_deleted_with_all_that_belongs_to_it,
    a_stream_of_the_same_name_is_another_one,
    what_inboxes_have_seen_is_forgotten_when_it_is_old,
);

async fn a_stream_is_deleted_with_all_that_belongs_to_it(place: Place) {
    let streams = place.streams().await;
    let (stream, users) = (
        streams.create(orders()).await.unwrap(),
        streams.create(super::StreamConfig::new("users")).await.unwrap(),
    );
    publish(&users, &["1"]).await;
    publish(&stream, &["x"; 2_500]).await;
    let mut billing = stream.consumer("billing").fetch_ahead(10).open().await.unwrap();
    let mut shipping = stream.consumer("shipping").open().await.unwrap();
    for delivery in billing.next_batch(10).await.unwrap() {
        delivery.term("no").await.unwrap();
    }
    let held = shipping.next().await.unwrap();

    assert!(streams.delete("orders").await.unwrap());
    assert!(!streams.delete("orders").await.unwrap());
    assert!(matches!(streams.get("orders").await, Err(StreamError::NoStream { .. })));
    assert!(matches!(stream.publish(on("a", "1")).await, Err(StreamError::NoStream { .. })));
    assert!(matches!(billing.try_next().await, Err(StreamError::NoConsumer { .. })));
    held.ack().await.unwrap();
    assert!(stream.read(Start::First).try_next().await.unwrap().is_none());
    assert_eq!((users.info().await.unwrap().messages(), streams.list().await.unwrap().len()), (1, 1));
}

async fn a_stream_of_the_same_name_is_another_one(place: Place) {
    let streams = place.streams().await;
    let old = streams.create(orders()).await.unwrap();
    publish(&old, &["1", "2"]).await;
    let mut billing = old.consumer("billing").open().await.unwrap();
    billing.next().await.unwrap().term("no").await.unwrap();
    streams.delete("orders").await.unwrap();

    let new = streams.create(orders()).await.unwrap();
    assert!(old.publish(on("a", "lost?")).await.is_err(), "not into its successor");
    publish(&new, &["3"]).await;
    let mut billing = new.consumer("billing").open().await.unwrap();
    let found = all(&mut billing).await;
    assert_eq!((found.len(), found[0].seq.0, text(&found[0].payload)), (1, 1, "3".into()));
    assert!(new.dead_letters(None, 10).await.unwrap().is_empty());
}

async fn what_inboxes_have_seen_is_forgotten_when_it_is_old(place: Place) {
    place.see(1_500).await;
    let streams = place.streams().await;
    assert!(!streams.forget(None).await.unwrap());
    assert!(!streams.forget(Some(Duration::from_secs(3_600))).await.unwrap());
    assert_eq!(place.seen().await, 1_500);
    assert!(streams.forget(Some(Duration::ZERO)).await.unwrap(), "in steps");
    assert_eq!(place.seen().await, 500);
    assert!(!streams.forget(Some(Duration::ZERO)).await.unwrap());
    assert_eq!(place.seen().await, 0);
}

#[tokio::test]
async fn a_write_ahead_log_is_small_again_when_a_long_reader_has_gone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.db");
    let store = std::sync::Arc::new(capstone_outbox::sqlite::SqliteStore::open(&path).unwrap());
    let streams = super::Streams::new(std::sync::Arc::clone(&store));
    store.transaction(|tx| tx.execute_batch("CREATE TABLE t (b)")).await.unwrap();
    let write = async |bytes: u32| {
        store
            .transaction(move |tx| tx.execute("INSERT INTO t VALUES (zeroblob(?1))", [bytes]))
            .await
            .unwrap();
    };
    let wal = || std::fs::metadata(folder.path().join("shop.db-wal")).unwrap().len() >> 20;
    let reader = rusqlite::Connection::open(&path).unwrap();
    let begin_to_read = || reader.execute_batch("BEGIN; SELECT count(*) FROM t").unwrap();

    begin_to_read();
    write(40 << 20).await;
    write(40 << 20).await;
    while streams.tidy().await.unwrap() {}
    assert!(wal() > 70, "the reader needs it: {} MiB", wal());
    reader.execute_batch("COMMIT").unwrap();
    while streams.tidy().await.unwrap() {}
    assert_eq!(wal(), 0);

    begin_to_read();
    write(80 << 20).await;
    reader.execute_batch("COMMIT").unwrap();
    // The first copies it into the database, the second begins anew.
    write(1).await;
    write(1).await;
    assert!(wal() <= 16, "without a look, too: {} MiB", wal());
}
