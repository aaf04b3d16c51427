//! Durable topics on each store, on a clock that the tests move.

/// Runs each test on a database of each kind.
macro_rules! on_each_store {
    ($($test:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test] async fn $test() { super::$test(super::Place::sqlite()).await; })+
        }
        #[cfg(all(unix, feature = "postgres"))]
        mod postgres {
            $(#[tokio::test] async fn $test() {
                let Some(place) = super::Place::postgres().await else { return };
                super::$test(place).await;
            })+
        }
    };
}

mod cancel;
mod charge;
mod consumer;
mod dead;
mod delete;
#[cfg(all(unix, feature = "postgres"))]
mod group;
mod inbox;
mod log;
mod members;
mod publish;
mod retention;
mod sink;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use capstone_outbox::Message;
use capstone_outbox::sqlite::SqliteStore;
use capstone_outbox::stream::{Consumer, Delivery, Stream, StreamConfig, Streams};
use tempfile::TempDir;

/// A clock that stands until it is moved.
#[derive(Clone, Default)]
pub(crate) struct Clock(Arc<AtomicU64>);

impl Clock {
    pub(crate) fn advance(&self, ms: u64) {
        self.0.fetch_add(ms, Ordering::Relaxed);
    }

    /// The time this many milliseconds after the beginning of the test.
    pub(crate) fn at(ms: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(1_000_000) + Duration::from_millis(ms)
    }

    fn now(&self) -> SystemTime {
        Self::at(self.0.load(Ordering::Relaxed))
    }
}

/// A database of its own.
pub(crate) struct Place {
    database: Database,
    pub(crate) clock: Clock,
}

enum Database {
    Sqlite(TempDir),
    #[cfg(all(unix, feature = "postgres"))]
    Postgres(String),
}

impl Place {
    pub(crate) fn sqlite() -> Self {
        Self { database: Database::Sqlite(tempfile::tempdir().unwrap()), clock: Clock::default() }
    }

    /// `None` where PostgreSQL is missing.
    #[cfg(all(unix, feature = "postgres"))]
    pub(crate) async fn postgres() -> Option<Self> {
        let database = Database::Postgres(crate::postgres::migrated().await?);
        Some(Self { database, clock: Clock::default() })
    }

    /// Opened as another process would, or as this one after a restart.
    pub(crate) async fn streams(&self) -> Streams {
        self.streams_by(&self.clock).await
    }

    /// The same, on another clock.
    pub(crate) async fn streams_by(&self, clock: &Clock) -> Streams {
        let clock = clock.clone();
        match &self.database {
            Database::Sqlite(folder) => {
                let store = SqliteStore::open(folder.path().join("shop.db")).unwrap();
                Streams::new(Arc::new(store.with_stream_clock(move || clock.now())))
            }
            #[cfg(all(unix, feature = "postgres"))]
            Database::Postgres(address) => {
                let store = crate::postgres::open(address).await;
                Streams::new(Arc::new(store.with_stream_clock(move || clock.now())))
            }
        }
    }

    /// Notes so many messages as seen.
    pub(crate) async fn see(&self, messages: u32) {
        match &self.database {
            Database::Sqlite(folder) => {
                let store = SqliteStore::open(folder.path().join("shop.db")).unwrap();
                let see = "WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < ?1)
                    INSERT INTO outbox_inbox SELECT 'billing', randomblob(16), unixepoch() * 1000 - 1000 FROM n";
                store.transaction(move |tx| tx.execute(see, [messages])).await.unwrap();
            }
            #[cfg(all(unix, feature = "postgres"))]
            Database::Postgres(address) => {
                let see = "INSERT INTO outbox_inbox SELECT 'billing', gen_random_uuid() FROM generate_series(1, $1)";
                let client = crate::postgres::connect(address).await;
                client.execute(see, &[&i32::try_from(messages).unwrap()]).await.unwrap();
            }
        }
    }

    /// How many are noted as seen.
    pub(crate) async fn seen(&self) -> i64 {
        let count = "SELECT count(*) FROM outbox_inbox";
        match &self.database {
            Database::Sqlite(folder) => {
                let connection = rusqlite::Connection::open(folder.path().join("shop.db")).unwrap();
                connection.query_row(count, [], |row| row.get(0)).unwrap()
            }
            #[cfg(all(unix, feature = "postgres"))]
            Database::Postgres(address) => {
                crate::postgres::connect(address).await.query_one(count, &[]).await.unwrap().get(0)
            }
        }
    }

    /// With a stream of this configuration.
    pub(crate) async fn stream(&self, config: StreamConfig) -> Stream {
        self.streams().await.create(config).await.unwrap()
    }
}

pub(crate) fn orders() -> StreamConfig {
    StreamConfig::new("orders")
}

pub(crate) fn on(topic: &str, payload: &str) -> Message {
    Message::new(topic.parse().unwrap(), payload.to_owned())
}

/// Publishes messages with these payloads on `orders.created`, in one batch.
pub(crate) async fn publish(stream: &Stream, payloads: &[&str]) {
    let messages = payloads.iter().map(|payload| on("orders.created", payload)).collect();
    stream.publish_batch(messages).await.unwrap();
}

pub(crate) fn text(payload: &[u8]) -> String {
    String::from_utf8(payload.to_vec()).unwrap()
}

/// Everything that a consumer is given now.
pub(crate) async fn all(consumer: &mut Consumer) -> Vec<Delivery> {
    let mut deliveries = Vec::new();
    while let Some(delivery) = consumer.try_next().await.unwrap() {
        deliveries.push(delivery);
    }
    deliveries
}

/// As `payload` or, from the second delivery on, `payload x times`.
pub(crate) fn shown(deliveries: &[Delivery]) -> Vec<String> {
    deliveries.iter().map(show).collect()
}

pub(crate) fn show(delivery: &Delivery) -> String {
    match delivery.deliveries() {
        1 => text(&delivery.payload),
        times => format!("{} x{times}", text(&delivery.payload)),
    }
}
