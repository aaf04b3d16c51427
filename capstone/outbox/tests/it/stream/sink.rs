//! The relay that carries into a stream: each message once, whatever happens.

use std::sync::Arc;

#[cfg(all(unix, feature = "postgres"))]
use capstone_outbox::postgres::PostgresStore;
use capstone_outbox::sqlite::SqliteStore;
use capstone_outbox::store::{Changes, Store};
use capstone_outbox::stream::{Start, Stream, StreamStore, StreamingStore, Streams};
use capstone_outbox::{Message, Relay, RelayConfig};

use super::{orders, text};
use crate::owned::Subject;
use crate::support::{cancel_at, message, numbered, row, rows};

/// Runs each test with a way to open the same database again and again, on each kind of store.
macro_rules! on_each_store {
    ($($test:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test] async fn $test() {
                let folder = tempfile::tempdir().unwrap();
                let path = folder.path().join("shop.db");
                super::$test(async || super::Arc::new(super::SqliteStore::open(&path).unwrap())).await;
            })+
        }
        #[cfg(all(unix, feature = "postgres"))]
        mod postgres {
            $(#[tokio::test] async fn $test() {
                let Some(address) = crate::postgres::migrated().await else { return };
                super::$test(async || super::Arc::new(crate::postgres::open(&address).await)).await;
            })+
        }
    };
}

on_each_store!(
    what_is_published_moves_from_the_outbox_into_the_stream,
    settling_again_or_by_two_owners_appends_once,
    a_message_that_is_in_the_stream_already_is_dropped_with_its_row,
    a_relay_that_is_dropped_at_any_poll_loses_and_repeats_nothing,
    rows_that_no_consumer_could_read_stay_behind,
);

/// A store that a relay reads and that has streams, as an application sees it.
trait Outbox: Subject + StreamStore {
    async fn pending(&self) -> u64;
    /// A row that another program wrote.
    async fn put_without_topic(&self);
    async fn free_lanes(&self);
}

const FREE: &str = "UPDATE outbox_lane SET owner = NULL, epoch = epoch + 1";

impl Outbox for SqliteStore {
    async fn pending(&self) -> u64 {
        self.status().await.unwrap().pending
    }

    async fn put_without_topic(&self) {
        let insert = "INSERT INTO outbox (id, topic, payload) VALUES (randomblob(16), 'not a topic', x'00')";
        self.transaction(move |tx| tx.execute(insert, [])).await.unwrap();
    }

    async fn free_lanes(&self) {
        self.transaction(move |tx| tx.execute(FREE, [])).await.unwrap();
    }
}

#[cfg(all(unix, feature = "postgres"))]
impl Outbox for PostgresStore {
    async fn pending(&self) -> u64 {
        self.status().await.unwrap().pending
    }

    async fn put_without_topic(&self) {
        let insert =
            r"INSERT INTO outbox (id, topic, payload) VALUES (gen_random_uuid(), 'not a topic', '\x00')";
        self.target().client().await.unwrap().batch_execute(insert).await.unwrap();
    }

    async fn free_lanes(&self) {
        self.target().client().await.unwrap().batch_execute(FREE).await.unwrap();
    }
}

/// Messages of these keys with these payloads.
fn messages(rows: Vec<(String, String)>) -> Vec<Message> {
    rows.iter().map(|(key, payload)| message(key, payload)).collect()
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

async fn what_is_published_moves_from_the_outbox_into_the_stream<S: Outbox>(open: impl AsyncFn() -> Arc<S>) {
    let store = open().await;
    let stream = Streams::new(Arc::clone(&store)).create(orders()).await.unwrap();
    let rows: Vec<_> = (0..2_000).map(|n| (format!("k{}", n % 7), format!("{n:04}"))).collect();
    store.put(messages(rows)).await;
    let streaming = Arc::new(StreamingStore::new(Arc::clone(&store), &stream));
    let sink = Arc::new(streaming.sink());
    let mut relay = Relay::new(streaming, sink, RelayConfig::default()).unwrap();
    let report = relay.run_until_empty(std::future::pending()).await.unwrap();
    assert_eq!(report.published, 2_000);
    assert_eq!(store.pending().await, 0);
    let content = content(&stream).await;
    for key in 0..7 {
        let expected: Vec<String> = (key..2_000).step_by(7).map(|n| format!("k{key} {n:04}")).collect();
        let found: Vec<String> =
            content.iter().filter(|line| line.starts_with(&format!("k{key} "))).cloned().collect();
        assert_eq!(found, expected);
    }
    assert_eq!(content.len(), 2_000);
}

async fn settling_again_or_by_two_owners_appends_once<S: Outbox>(open: impl AsyncFn() -> Arc<S>) {
    let store = open().await;
    let stream = Streams::new(Arc::clone(&store)).create(orders()).await.unwrap();
    store.put(numbered(["1", "2", "3", "4"].map(|payload| message("k", payload)))).await;
    let streaming = StreamingStore::new(Arc::clone(&store), &stream);
    let published = |numbers: &[i64]| Changes { published: rows(numbers), fenced: vec![] };
    streaming.settle(&published(&[2, 1])).await.unwrap();
    streaming.settle(&published(&[2, 1])).await.unwrap();
    let zombie = StreamingStore::new(open().await, &stream);
    zombie.settle(&published(&[1, 2, 3])).await.unwrap();
    streaming.settle(&published(&[1, 2, 3, 4])).await.unwrap();
    assert_eq!(content(&stream).await, ["k 1", "k 2", "k 3", "k 4"]);
    assert_eq!(store.pending().await, 0);
}

async fn a_message_that_is_in_the_stream_already_is_dropped_with_its_row<S: Outbox>(
    open: impl AsyncFn() -> Arc<S>,
) {
    let store = open().await;
    let stream = Streams::new(Arc::clone(&store)).create(orders()).await.unwrap();
    let twice = message("k", "1").with_id(row(1).id);
    stream.publish(twice.clone()).await.unwrap();
    store.put(vec![twice]).await;
    let streaming = StreamingStore::new(Arc::clone(&store), &stream);
    streaming.settle(&Changes { published: vec![row(1)], fenced: vec![] }).await.unwrap();
    assert_eq!(content(&stream).await, ["k 1"]);
    assert_eq!(store.pending().await, 0);
}

async fn a_relay_that_is_dropped_at_any_poll_loses_and_repeats_nothing<S: Outbox>(
    open: impl AsyncFn() -> Arc<S>,
) {
    let store = open().await;
    let stream = Streams::new(Arc::clone(&store)).create(orders()).await.unwrap();
    let rows: Vec<_> = (0..300).map(|n| (format!("k{}", n % 3), format!("{n:03}"))).collect();
    store.put(messages(rows)).await;
    let config = RelayConfig::default().fetch_rows(10).window_rows(20);
    let mut polls = 0;
    while store.pending().await > 0 {
        polls += 1;
        let streaming = Arc::new(StreamingStore::new(Arc::clone(&store), &stream));
        let sink = Arc::new(streaming.sink());
        let mut relay = Relay::new(streaming, sink, config.clone()).unwrap();
        // Like a kill: only the lane's lock is given back, as the operating system would.
        drop(cancel_at(polls, relay.run_until_empty(std::future::pending())).await);
        drop(relay);
        store.free_lanes().await;
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

async fn rows_that_no_consumer_could_read_stay_behind<S: Outbox>(open: impl AsyncFn() -> Arc<S>) {
    let store = open().await;
    let stream = Streams::new(Arc::clone(&store)).create(orders()).await.unwrap();
    store.put_without_topic().await;
    let streaming = Arc::new(StreamingStore::new(Arc::clone(&store), &stream));
    let sink = Arc::new(streaming.sink());
    let mut relay = Relay::new(streaming, sink, RelayConfig::default()).unwrap();
    let report = relay.run_until_empty(std::future::pending()).await.unwrap();
    assert_eq!((report.published, report.buried), (0, 1));
    assert!(content(&stream).await.is_empty());
}
