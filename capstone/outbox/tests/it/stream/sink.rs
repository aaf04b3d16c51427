//! The relay that carries into a stream: each message once, whatever happens.

use std::sync::Arc;

use capstone_outbox::sqlite::{SqliteStore, StreamingStore, enqueue};
use capstone_outbox::store::{Changes, Store};
use capstone_outbox::stream::{Start, Stream, Streams};
use capstone_outbox::{Relay, RelayConfig, Seq};

use super::{Place, orders, text};
use crate::support::{cancel_at, message, ms};

async fn put(store: &SqliteStore, rows: Vec<(String, String)>) {
    let put =
        store.transaction(move |tx| rows.iter().try_for_each(|(k, p)| enqueue(tx, &message(k, p)).map(drop)));
    put.await.unwrap();
}

/// `key payload` of everything in the stream, in order.
async fn content(stream: &Stream) -> Vec<String> {
    let mut reader = stream.read(Start::First);
    let mut content = Vec::new();
    while let Some(record) = reader.try_next().await.unwrap() {
        let key = record.message.key.as_deref().unwrap_or("").to_owned();
        content.push(format!("{key} {}", text(&record.message.payload)));
    }
    content
}

#[tokio::test]
async fn what_is_published_moves_from_the_outbox_into_the_stream() {
    let place = Place::new();
    let store = place.open();
    let stream = Streams::new(Arc::clone(&store)).create(orders()).await.unwrap();
    let rows: Vec<_> = (0..2_000).map(|n| (format!("k{}", n % 7), format!("{n:04}"))).collect();
    put(&store, rows.clone()).await;
    let streaming = Arc::new(StreamingStore::new(Arc::clone(&store), &stream));
    let sink = Arc::new(streaming.sink());
    let mut relay = Relay::new(streaming, sink, RelayConfig::default()).unwrap();
    let report = relay.run_until_empty(std::future::pending()).await.unwrap();
    assert_eq!(report.published, 2_000);
    assert_eq!(store.status().await.unwrap().pending, 0);
    let content = content(&stream).await;
    for key in 0..7 {
        let expected: Vec<String> = (key..2_000).step_by(7).map(|n| format!("k{key} {n:04}")).collect();
        let found: Vec<String> =
            content.iter().filter(|line| line.starts_with(&format!("k{key} "))).cloned().collect();
        assert_eq!(found, expected);
    }
    assert_eq!(content.len(), 2_000);
}

#[tokio::test]
async fn settling_again_or_by_two_owners_appends_once() {
    let place = Place::new();
    let store = place.open();
    let stream = Streams::new(Arc::clone(&store)).create(orders()).await.unwrap();
    put(&store, ["1", "2", "3", "4"].map(|n| ("k".to_owned(), n.to_owned())).into()).await;
    let streaming = StreamingStore::new(Arc::clone(&store), &stream);
    let published =
        |rows: &[i64]| Changes { published: rows.iter().copied().map(Seq).collect(), fenced: vec![] };
    streaming.settle(&published(&[2, 1])).await.unwrap();
    streaming.settle(&published(&[2, 1])).await.unwrap();
    let zombie = StreamingStore::new(place.open(), &stream);
    zombie.settle(&published(&[1, 2, 3])).await.unwrap();
    streaming.settle(&published(&[1, 2, 3, 4])).await.unwrap();
    assert_eq!(content(&stream).await, ["k 1", "k 2", "k 3", "k 4"]);
    assert_eq!(store.status().await.unwrap().pending, 0);
}

#[tokio::test]
async fn a_message_that_is_in_the_stream_already_is_dropped_with_its_row() {
    let place = Place::new();
    let store = place.open();
    let stream = Streams::new(Arc::clone(&store)).create(orders()).await.unwrap();
    let twice = message("k", "1");
    stream.publish(twice.clone()).await.unwrap();
    store.transaction(move |tx| enqueue(tx, &twice).map(drop)).await.unwrap();
    let streaming = StreamingStore::new(Arc::clone(&store), &stream);
    streaming.settle(&Changes { published: vec![Seq(1)], fenced: vec![] }).await.unwrap();
    assert_eq!(content(&stream).await, ["k 1"]);
    assert_eq!(store.status().await.unwrap().pending, 0);
}

#[tokio::test]
async fn a_relay_that_is_dropped_at_any_poll_loses_and_repeats_nothing() {
    let place = Place::new();
    let store = place.open();
    let stream = Streams::new(Arc::clone(&store)).create(orders()).await.unwrap();
    let rows: Vec<_> = (0..300).map(|n| (format!("k{}", n % 3), format!("{n:03}"))).collect();
    put(&store, rows).await;
    let config = RelayConfig { fetch_rows: 10, window_rows: 20, ..RelayConfig::default() };
    let mut polls = 0;
    while store.status().await.unwrap().pending > 0 {
        polls = polls % 9 + 1;
        let streaming = Arc::new(StreamingStore::new(Arc::clone(&store), &stream));
        let sink = Arc::new(streaming.sink());
        let mut relay = Relay::new(streaming, sink, config.clone()).unwrap();
        // Like a kill: only the lane's lock is given back, as the operating system would.
        drop(cancel_at(polls, relay.run(tokio::time::sleep(ms(20)))).await);
        drop(relay);
        let free = "UPDATE outbox_lane SET owner = NULL, epoch = epoch + 1";
        store.transaction(move |tx| tx.execute(free, [])).await.unwrap();
    }
    let content = content(&stream).await;
    assert_eq!(content.len(), 300);
    for key in 0..3 {
        let expected: Vec<String> = (key..300).step_by(3).map(|n| format!("k{key} {n:03}")).collect();
        let found: Vec<&String> =
            content.iter().filter(|line| line.starts_with(&format!("k{key} "))).collect();
        assert_eq!(found, expected.iter().collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn rows_that_no_consumer_could_read_stay_behind() {
    let place = Place::new();
    let store = place.open();
    let stream = Streams::new(Arc::clone(&store)).create(orders()).await.unwrap();
    let insert = "INSERT INTO outbox (id, topic, payload) VALUES (randomblob(16), 'not a topic', x'00')";
    store.transaction(move |tx| tx.execute(insert, [])).await.unwrap();
    let streaming = Arc::new(StreamingStore::new(Arc::clone(&store), &stream));
    let sink = Arc::new(streaming.sink());
    let mut relay = Relay::new(streaming, sink, RelayConfig::default()).unwrap();
    let report = relay.run_until_empty(std::future::pending()).await.unwrap();
    assert_eq!((report.published, report.buried), (0, 1));
    assert!(content(&stream).await.is_empty());
}
