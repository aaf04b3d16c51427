//! From a commit to its delivery, at a thousand messages a second; and what a commit takes where there is no outbox.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

use capstone_outbox::postgres::{enqueue, enqueue_many};
use capstone_outbox::sqlite::{self, SqliteStore};
use capstone_outbox::{Attempt, Envelope, Message, Relay, RelayConfig, Sink, SinkError, Store};
use tokio::sync::Notify;
use tokio::time::{Instant, interval, sleep};

use super::backlog::{KEYS, TOPIC, key_and_place};
use super::commits::message;
use super::postgres::{self, Database, open};
use super::sqlite::connect;
use crate::round::runtime;

const MESSAGES: u64 = 1_500;
const PAUSE: Duration = Duration::from_millis(1);

/// Microseconds each, by the store and a relay in one process, beside so many keys in trouble.
pub fn on_sqlite(in_trouble: u64) -> Vec<f64> {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Arc::new(SqliteStore::open(folder.path().join("outbox.db")).expect("a new file"));
    runtime().block_on(async {
        let bad = refused(in_trouble);
        store.transaction(move |tx| sqlite::enqueue_many(tx, &bad)).await.expect("a store that works");
        deliveries(Arc::clone(&store), in_trouble, async |n| {
            let message = message(n % KEYS, n / KEYS);
            store.transaction(move |tx| sqlite::enqueue(tx, &message)).await.expect("a store that works");
        })
        .await
    })
}

/// Microseconds each, of a connection that nobody shares.
pub fn bare_on_sqlite() -> Vec<f64> {
    let folder = tempfile::tempdir().expect("a folder");
    let connection = connect(&folder.path().join("bare.db"));
    connection.execute_batch("CREATE TABLE bare (payload BLOB)").expect("a new file");
    let insert = "INSERT INTO bare VALUES (?1)";
    // A blocking commit holds up nothing else: the runtime has only this to do.
    runtime().block_on(commits(async |_| {
        let mut insert = connection.prepare_cached(insert).expect("our table");
        insert.execute([[0_u8; 100]]).expect("room on the disk");
    }))
}

/// Microseconds each, by a relay in the application's process, which tells it of each commit.
pub fn on_postgres(database: &Database, in_trouble: u64) -> Vec<f64> {
    runtime().block_on(async {
        let store = Arc::new(open(&database.address()).await);
        let mut client = postgres::connect(&database.address()).await;
        let tx = client.transaction().await.expect("a connection");
        enqueue_many(&tx, &refused(in_trouble)).await.expect("our tables");
        tx.commit().await.expect("a connection");
        deliveries(Arc::clone(&store), in_trouble, async |n| {
            let tx = client.transaction().await.expect("a connection");
            enqueue(&tx, &message(n % KEYS, n / KEYS)).await.expect("our tables");
            tx.commit().await.expect("a connection");
            store.committed();
        })
        .await
    })
}

/// Microseconds each, of one statement.
pub fn bare_on_postgres(database: &Database) -> Vec<f64> {
    runtime().block_on(async {
        let client = postgres::connect(&database.address()).await;
        let create = "CREATE TABLE IF NOT EXISTS bare (payload bytea)";
        client.batch_execute(create).await.expect("a database");
        let insert = client.prepare("INSERT INTO bare VALUES ($1)").await.expect("our table");
        commits(async |_| {
            client.execute(&insert, &[&&[0_u8; 100][..]]).await.expect("a connection");
        })
        .await
    })
}

/// When each message has arrived.
pub struct Arrivals {
    since: Instant,
    pub at_ns: Vec<AtomicU64>,
    left: AtomicU64,
    complete: Notify,
    /// Publishes that were refused.
    refused: AtomicU64,
}

impl Arrivals {
    pub fn of(messages: u64) -> Self {
        Self {
            since: Instant::now(),
            at_ns: (0..messages).map(|_| AtomicU64::new(0)).collect(),
            left: AtomicU64::new(messages),
            complete: Notify::new(),
            refused: AtomicU64::new(0),
        }
    }

    /// Until all have arrived. One waits for it.
    pub async fn complete(self: Arc<Self>) {
        self.complete.notified().await;
    }

    pub fn now_ns(&self) -> u64 {
        u64::try_from(self.since.elapsed().as_nanos()).expect("a short run")
    }
}

impl Sink for Arrivals {
    async fn publish(&self, message: &Envelope, _attempt: Attempt) -> Result<(), SinkError> {
        let Some((key, place)) = key_and_place(&message.payload) else {
            self.refused.fetch_add(1, SeqCst);
            return Err(SinkError::Retryable("not this one".into()));
        };
        let before = self.at_ns[(place * KEYS + key) as usize].swap(self.now_ns(), SeqCst);
        assert_eq!(before, 0, "each once");
        if self.left.fetch_sub(1, SeqCst) == 1 {
            self.complete.notify_one();
        }
        Ok(())
    }
}

/// A message each of so many keys, which the sink does not take.
fn refused(keys: u64) -> Vec<Message> {
    let message = |key| Message::new(TOPIC.parse().expect("a topic"), "").with_key(format!("bad-{key}"));
    (0..keys).map(|key| message(key).expect("a key")).collect()
}

/// From the return of each commit to its delivery; nothing for those that are delivered before.
async fn deliveries<S: Store>(store: Arc<S>, in_trouble: u64, mut commit: impl AsyncFnMut(u64)) -> Vec<f64> {
    let sink = Arc::new(Arrivals::of(MESSAGES));
    let mut relay = Relay::new(store, Arc::clone(&sink), RelayConfig::default()).expect("settings that fit");
    let arrived = Arc::clone(&sink);
    let relaying = tokio::spawn(async move { relay.run(arrived.complete()).await });
    while sink.refused.load(SeqCst) < in_trouble {
        sleep(PAUSE).await;
    }
    let mut committed_ns = Vec::with_capacity(MESSAGES as usize);
    let mut clock = interval(PAUSE);
    for n in 0..MESSAGES {
        clock.tick().await;
        commit(n).await;
        committed_ns.push(sink.now_ns());
    }
    relaying.await.expect("no panic").expect("a store that works");
    let each = committed_ns.iter().zip(&sink.at_ns);
    each.map(|(committed, arrived)| arrived.load(SeqCst).saturating_sub(*committed) as f64 / 1e3).collect()
}

/// What each commit takes.
async fn commits(mut commit: impl AsyncFnMut(u64)) -> Vec<f64> {
    let mut samples = Vec::with_capacity(MESSAGES as usize);
    let mut clock = interval(PAUSE);
    for n in 0..MESSAGES {
        clock.tick().await;
        let since = Instant::now();
        commit(n).await;
        samples.push(since.elapsed().as_nanos() as f64 / 1e3);
    }
    samples
}
