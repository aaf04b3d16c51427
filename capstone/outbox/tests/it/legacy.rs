//! What every store must tell a new owner about those before.

use std::time::Duration;

use capstone_outbox::memory::MemoryStore;
use capstone_outbox::sqlite::SqliteStore;
use capstone_outbox::store::{Change, Changes, Fenced, Lane, Lease, Legacy, Owner, Started};

use crate::contract::{Owned, Subject, contract};
use crate::support::{message, ms, numbered, row};

const TTL: Duration = Duration::from_secs(8);

contract!(
    a_lane_that_was_not_given_back_is_abandoned,
    starts_are_remembered_until_their_outcome_or_their_row_is_gone,
    a_stale_lease_starts_nothing,
);

fn lanes(leases: &[Lease]) -> Vec<Lane> {
    leases.iter().map(|lease| lease.lane).collect()
}

fn start(number: i64, starts: u32) -> Change {
    Change::Started { row: row(number), starts }
}

async fn a_lane_that_was_not_given_back_is_abandoned(store: impl Subject) {
    let first = Owned::all(&store, "a").await;
    let all = lanes(&first.leases);
    assert_eq!(store.legacy(&all).await.unwrap(), Legacy::default(), "nobody had it");
    store.release(&first.leases).await.unwrap();
    let second = store.acquire(&Owner::new("b"), u16::MAX, TTL).await.unwrap();
    assert_eq!(store.legacy(&lanes(&second)).await.unwrap(), Legacy::default(), "they were given back");
    store.leave(&Owner::new("b")).await.unwrap();
    store.acquire(&Owner::new("c"), u16::MAX, ms(0)).await.unwrap();
    assert_eq!(store.legacy(&all).await.unwrap(), Legacy::default(), "everything was left");

    let taken = store.acquire(&Owner::new("d"), u16::MAX, TTL).await.unwrap();
    assert_eq!(lanes(&taken), all, "the lease had ended");
    assert_eq!(store.legacy(&all).await.unwrap(), Legacy { abandoned: all.clone(), started: vec![] });
    assert_eq!(store.legacy(&all[..1]).await.unwrap().abandoned, all[..1]);
    store.renew(&Owner::new("d"), TTL).await.unwrap();
    assert_eq!(store.legacy(&all).await.unwrap().abandoned, all, "until it is given back");
}

async fn starts_are_remembered_until_their_outcome_or_their_row_is_gone(store: impl Subject) {
    store.put(numbered(["1", "2", "3"].map(|n| message("k", n)))).await;
    let owned = Owned::all(&store, "a").await;
    let (all, lane) = (lanes(&owned.leases), owned.rows(&store, 0).await[0].lane);
    owned.settle(&store, 1, vec![start(1, 1), start(2, 1), start(3, 1)]).await;
    owned.settle(&store, 1, vec![start(2, 2), start(2, 2), start(3, 0), start(3, 0)]).await;
    let started = |number, starts| Started { lane, row: row(number), starts };
    let expected = Legacy { abandoned: vec![], started: vec![started(1, 1), started(2, 2)] };
    let legacy = async || {
        let mut legacy = store.legacy(&all).await.unwrap();
        legacy.started.sort_by_key(|started| started.row);
        legacy
    };
    assert_eq!(legacy().await, expected);
    let elsewhere: Vec<Lane> = all.iter().copied().filter(|other| *other != lane).collect();
    if !elsewhere.is_empty() {
        assert_eq!(store.legacy(&elsewhere).await.unwrap(), Legacy::default());
    }
    store.release(&owned.leases).await.unwrap();
    Owned::all(&store, "b").await;
    assert_eq!(legacy().await, expected, "also a clean stop does not forget them");
    store.settle(&Changes { published: vec![row(1)], fenced: vec![] }).await.unwrap();
    assert_eq!(legacy().await.started, [started(2, 2)], "the row is gone");
}

async fn a_stale_lease_starts_nothing(store: impl Subject) {
    store.put(vec![message("k", "1")]).await;
    let stale = Owned::all(&store, "a").await;
    let lane = stale.rows(&store, 0).await[0].lane;
    let lease = *stale.leases.iter().find(|lease| lease.lane == lane).unwrap();
    store.release(&stale.leases).await.unwrap();
    let changes = Changes { published: vec![], fenced: vec![Fenced { lease, change: start(1, 1) }] };
    assert_eq!(store.settle(&changes).await.unwrap().lost, [lease]);
    assert_eq!(store.legacy(&lanes(&stale.leases)).await.unwrap(), Legacy::default());
}
