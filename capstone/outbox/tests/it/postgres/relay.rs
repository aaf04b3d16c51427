//! Whole relays on PostgreSQL.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};

use capstone_outbox::postgres::{PostgresStore, Target, enqueue_many};
use capstone_outbox::store::StoreError;
use capstone_outbox::{Attempt, Envelope, Message, Relay, RelayConfig, Seq, Sink, SinkError};
use futures::future::join_all;
use tokio_util::sync::CancellationToken;

use super::server::{Server, Stop};
use super::{connect, migrated, open, put};
use crate::support::{Scripted, message, ms};

/// Until the relay has published so many.
async fn published(sink: &Scripted, count: usize) {
    while sink.story().len() < count {
        tokio::time::sleep(ms(5)).await;
    }
}

#[tokio::test]
async fn a_relay_goes_on_after_its_server_was_restarted_and_killed() {
    let Some(server) = Server::start() else { return };
    let address = server.address("postgres");
    Target::parse(&address).unwrap().migrate().await.unwrap();
    let store = Arc::new(open(&address).await);
    let sink = Scripted::new(|_, _| (ms(0), Ok(())));
    let mut relay = Relay::new(Arc::clone(&store), Arc::clone(&sink), RelayConfig::default()).unwrap();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let story = async {
        put(&address, &[message("k", "1")]).await;
        published(&sink, 1).await;
        server.stop(Stop::Fast);
        assert!(matches!(store.status().await, Err(StoreError::Unavailable { .. })));
        server.run();
        put(&address, &[message("k", "2")]).await;
        published(&sink, 2).await;
        server.stop(Stop::Kill);
        server.run();
        put(&address, &[message("k", "3")]).await;
        published(&sink, 3).await;
        stop.send(()).unwrap();
    };
    let (report, ()) = tokio::join!(relay.run(async { drop(stopped.await) }), story);
    assert!(report.unwrap().drained);
    let payloads: Vec<String> = sink.story().iter().map(|line| line[5..6].to_owned()).collect();
    assert_eq!(payloads, ["1", "2", "3"]);
    assert_eq!(store.status().await.unwrap().pending, 0);
}

/// Notes what it took, in order.
#[derive(Default)]
struct Notes {
    taken: Mutex<Vec<(Option<Arc<str>>, Seq)>>,
}

impl Sink for Notes {
    async fn publish(&self, row: &Envelope, _attempt: Attempt) -> Result<(), SinkError> {
        tokio::task::yield_now().await;
        self.taken.lock().unwrap().push((row.key.clone(), row.seq));
        Ok(())
    }
}

/// Transactions of 1 to 5 messages that stay open for up to 20 ms behind their enqueue, a part of them rolled back, a part of them
/// with a second message for each key behind a pause. How many messages it has committed.
async fn write(address: &str, bell: &PostgresStore, seed: u64) -> usize {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut client = connect(address).await;
    // All of one lane, or no cursor would ever pass a row that is yet to be committed.
    let keys = "SELECT 'k' || n FROM generate_series(1, 2000) AS n WHERE hashtextextended('k' || n, 0) & 63 = 7 LIMIT 12";
    let keys = client.query(keys, &[]).await.unwrap();
    let keys: Vec<String> = keys.iter().map(|row| row.get(0)).collect();
    let mut committed = 0;
    for _ in 0..60 {
        let of_keys = (0..random.usize(1..6)).map(|_| match random.u32(0..10) {
            0 => "",
            _ => &keys[random.usize(..keys.len())],
        });
        let of_keys: Vec<&str> = of_keys.collect();
        let tx = client.transaction().await.unwrap();
        let calls = random.usize(1..3);
        for _ in 0..calls {
            let batch: Vec<Message> = of_keys.iter().map(|key| message(key, "x")).collect();
            enqueue_many(&tx, &batch).await.unwrap();
            if random.bool() {
                tokio::time::sleep(ms(random.u64(0..20))).await;
            }
        }
        if random.u32(0..5) == 0 {
            tx.rollback().await.unwrap();
        } else {
            tx.commit().await.unwrap();
            bell.committed();
            committed += calls * of_keys.len();
        }
    }
    committed
}

/// The whole promise at once: late commits, several relays that come and go, and nothing lost, repeated or reordered.
#[tokio::test]
async fn rows_that_commit_late_are_published_in_the_order_of_their_key() {
    let Some(address) = migrated().await else { return };
    let sink = Arc::new(Notes::default());
    let stop = CancellationToken::new();
    let relay = async |life: u64| {
        let store = Arc::new(open(&address).await);
        while !stop.is_cancelled() {
            let mut relay =
                Relay::new(Arc::clone(&store), Arc::clone(&sink), RelayConfig::default()).unwrap();
            let ends = async {
                tokio::select! { () = stop.cancelled() => {}, () = tokio::time::sleep(ms(life)) => {} }
            };
            assert!(relay.run(ends).await.unwrap().drained);
        }
    };
    let writing = async {
        let store = open(&address).await;
        let writers = (0..8).map(|seed| write(&address, &store, seed));
        let committed: usize = join_all(writers).await.into_iter().sum();
        while store.status().await.unwrap().pending > 0 {
            tokio::time::sleep(ms(10)).await;
        }
        stop.cancel();
        committed
    };
    let (committed, (), ()) = tokio::join!(writing, relay(60_000), relay(150));

    let taken = sink.taken.lock().unwrap();
    assert_eq!(taken.len(), committed);
    let distinct: HashSet<Seq> = taken.iter().map(|(_, seq)| *seq).collect();
    assert_eq!(distinct.len(), committed, "each once");
    let mut highest: HashMap<&str, Seq> = HashMap::new();
    for (key, seq) in taken.iter().filter_map(|(key, seq)| Some((key.as_deref()?, *seq))) {
        let before = highest.insert(key, seq);
        assert!(before < Some(seq), "{seq} of {key} came after {before:?}");
    }
}
