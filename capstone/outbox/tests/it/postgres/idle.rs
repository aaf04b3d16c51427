//! What relays cost that have nothing to do, and how soon they have something to do again.

use std::sync::Arc;
use std::time::Duration;

use capstone_outbox::postgres::{PostgresStore, Target, enqueue};
use capstone_outbox::store::{Owner, Store};
use capstone_outbox::{Relay, RelayConfig};
use tokio::time::{Instant, sleep, timeout};
use tokio_postgres::Client;
use tokio_util::sync::CancellationToken;

use super::server::Server;
use super::{connect, migrated, open, put};
use crate::support::{Scripted, message, ms};

const HOUR: Duration = Duration::from_secs(3_600);
/// An idle session tells of its commits after ten seconds, a busy one each second.
const WINDOW: Duration = Duration::from_secs(11);

/// A server on which nobody else commits, not even to vacuum. It is looked at from a database beside that of the outbox.
struct Observed {
    address: String,
    client: Client,
    _server: Server,
}

impl Observed {
    async fn start() -> Option<Self> {
        let server = Server::start_with(&["fsync=off", "autovacuum=off"])?;
        let client = connect(&server.address("postgres")).await;
        client.batch_execute("CREATE DATABASE shop").await.unwrap();
        let address = server.address("shop");
        Target::parse(&address).unwrap().migrate().await.unwrap();
        Some(Self { address, client, _server: server })
    }

    async fn count(&self, sql: &str) -> i64 {
        self.client.query_one(sql, &[]).await.unwrap().get(0)
    }

    async fn sessions(&self) -> i64 {
        self.count("SELECT count(*) FROM pg_stat_activity WHERE datname = 'shop'").await
    }

    async fn commits(&self) -> i64 {
        self.count("SELECT xact_commit FROM pg_stat_database WHERE datname = 'shop'").await
    }

    /// Waits until there are no more sessions than this, then counts the commits for a while.
    async fn settled(&self, sessions: i64) -> f64 {
        let few = async {
            while self.sessions().await > sessions {
                sleep(ms(20)).await;
            }
        };
        timeout(Duration::from_secs(60), few).await.expect("sessions without use are closed");
        // Commits of before are told by then.
        sleep(WINDOW).await;
        let (before, since) = (self.commits().await, Instant::now());
        sleep(WINDOW).await;
        let commits = self.commits().await - before;
        assert!(self.sessions().await <= sessions);
        commits as f64 / since.elapsed().as_secs_f64()
    }
}

type Delivering = (Arc<PostgresStore>, Arc<Scripted>);

/// A relay in the background, until it is told to stop.
async fn relay(address: &str, stop: &CancellationToken) -> Delivering {
    let (store, sink) = (Arc::new(open(address).await), Scripted::new(|_, _| (ms(0), Ok(()))));
    let mut relay = Relay::new(Arc::clone(&store), Arc::clone(&sink), RelayConfig::default()).unwrap();
    let stopped = stop.clone().cancelled_owned();
    tokio::spawn(async move { relay.run(stopped).await.unwrap() });
    (store, sink)
}

/// Until they have delivered so many.
async fn delivered(relays: &[Delivering], count: usize) {
    let all = async {
        while relays.iter().map(|(_, sink)| sink.story().len()).sum::<usize>() < count {
            sleep(ms(1)).await;
        }
    };
    timeout(Duration::from_secs(60), all).await.expect("all are delivered");
}

#[tokio::test]
async fn relays_that_have_nothing_to_do_have_two_sessions_and_two_commits_a_second() {
    let Some(observed) = Observed::start().await else { return };
    let (address, stop) = (&observed.address, CancellationToken::new());
    let mut relays = Vec::new();
    for _ in 0..3 {
        relays.push(relay(address, &stop).await);
    }
    put(address, &(0..200).map(|n| message(&format!("k{n}"), &n.to_string())).collect::<Vec<_>>()).await;
    delivered(&relays, 200).await;
    let commits = observed.settled(6).await;
    assert!((1.0..=6.0).contains(&commits), "{commits} a second by three");

    // Whatever was closed is there again at once. The bell, and not a look, which comes after 7 s at the earliest.
    let asked = Instant::now();
    put(address, &[message("k1", "rung")]).await;
    relays[0].0.committed();
    delivered(&relays, 201).await;
    assert!(asked.elapsed() < Duration::from_secs(4), "{:?}", asked.elapsed());
    stop.cancel();
}

#[tokio::test]
async fn a_relay_that_stands_by_without_lanes_has_as_little() {
    let Some(observed) = Observed::start().await else { return };
    let (address, stop) = (&observed.address, CancellationToken::new());
    let holder = open(address).await;
    let owner = Owner::new("holder");
    assert_eq!(holder.acquire(&owner, 64, HOUR).await.unwrap().len(), 64);
    let (store, _) = relay(address, &stop).await;
    let commits = observed.settled(3).await;
    assert!((0.5..=2.0).contains(&commits), "{commits} a second");

    // It has them as soon as they are free.
    holder.leave(&owner).await.unwrap();
    let taken = async { while store.status().await.unwrap().owner.is_none() {} };
    timeout(Duration::from_secs(4), taken).await.expect("all lanes are its own");
    stop.cancel();
}

#[tokio::test]
async fn a_commit_that_nobody_tells_of_is_seen_with_the_next_renewal() {
    let Some(address) = migrated().await else { return };
    let stop = CancellationToken::new();
    let relays = [relay(&address, &stop).await];
    let mut application = connect(&address).await;
    put(&address, &[message("k", "first")]).await;
    delivered(&relays, 1).await;
    for (n, is_open_for) in [(2, ms(0)), (3, ms(3_500))] {
        let tx = application.transaction().await.unwrap();
        enqueue(&tx, &message("k", "x")).await.unwrap();
        // Renewals pass, and see its number and not its row.
        sleep(is_open_for).await;
        tx.commit().await.unwrap();
        let committed = Instant::now();
        delivered(&relays, n).await;
        assert!(committed.elapsed() < Duration::from_secs(4), "{:?}", committed.elapsed());
    }
    stop.cancel();
}
