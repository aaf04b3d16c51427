//! What a new owner is told about those before.

use std::time::Duration;

use super::Subject;
use super::owned::{Owned, TTL, take_all};
use crate::store::{Change, Changes, Lane, Legacy, Owner, Started, Store};

async fn legacy(store: &impl Store, lanes: &[Lane]) -> Legacy {
    let mut legacy = store.legacy(lanes).await.expect("how the lanes were left");
    legacy.abandoned.sort_unstable();
    legacy.started.sort_by_key(|started| started.row);
    legacy
}

/// Its owner's lease has ended, and it did not give the lane back: it may have been ended by a message.
pub async fn a_lane_that_was_not_given_back_is_abandoned<S: Subject>(make: impl AsyncFnOnce() -> S) {
    let subject = make().await;
    let store = &**subject.store();
    let first = take_all(store, "a").await;
    let all: Vec<Lane> = first.iter().map(|lease| lease.lane).collect();
    assert_eq!(legacy(store, &all).await, Legacy::default(), "nobody had it");
    store.release(&first).await.expect("lanes are given back");
    take_all(store, "b").await;
    assert_eq!(legacy(store, &all).await, Legacy::default(), "they were given back");
    store.leave(&Owner::new("b")).await.expect("it leaves");
    store.acquire(&Owner::new("c"), u16::MAX, Duration::ZERO).await.expect("lanes are taken");
    assert_eq!(legacy(store, &all).await, Legacy::default(), "everything was left");

    take_all(store, "d").await;
    assert_eq!(legacy(store, &all).await, Legacy { abandoned: all.clone(), started: vec![] });
    assert_eq!(legacy(store, &all[..1]).await.abandoned, all[..1]);
    store.renew(&Owner::new("d"), TTL).await.expect("a renewal");
    assert_eq!(legacy(store, &all).await.abandoned, all, "until it is given back");
}

/// Whoever owned the lane meanwhile.
pub async fn starts_are_remembered_until_their_outcome_or_their_row_is_gone<S: Subject>(
    make: impl AsyncFnOnce() -> S,
) {
    let owned = Owned::with(make, &["k", "k", "k"]).await;
    let (store, all, lane) = (owned.store(), owned.lanes(), owned.lane(1));
    let start = |number, starts| Change::Started { row: owned.row(number), starts };
    owned.settle(1, vec![start(1, 1), start(2, 1), start(3, 1)]).await;
    owned.settle(1, vec![start(2, 2), start(2, 2), start(3, 0), start(3, 0)]).await;
    let started = |number, starts| Started { lane, row: owned.row(number), starts };
    let expected = Legacy { abandoned: vec![], started: vec![started(1, 1), started(2, 2)] };
    assert_eq!(legacy(store, &all).await, expected);
    let elsewhere: Vec<Lane> = all.iter().copied().filter(|other| *other != lane).collect();
    if !elsewhere.is_empty() {
        assert_eq!(legacy(store, &elsewhere).await, Legacy::default());
    }
    store.release(&owned.leases).await.expect("lanes are given back");
    take_all(store, "b").await;
    assert_eq!(legacy(store, &all).await, expected, "also a clean stop does not forget them");
    owned.settled(&Changes { published: owned.rows_of(&[1]), fenced: vec![] }).await;
    assert_eq!(legacy(store, &all).await.started, [started(2, 2)], "the row is gone");
}

/// Nothing is written under it.
pub async fn a_stale_lease_starts_nothing<S: Subject>(make: impl AsyncFnOnce() -> S) {
    let owned = Owned::with(make, &["k"]).await;
    owned.store().release(&owned.leases).await.expect("lanes are given back");
    let changes = owned.fenced(1, vec![Change::Started { row: owned.row(1), starts: 1 }]);
    assert_eq!(owned.settled(&changes).await.lost, [owned.lease(1)]);
    assert_eq!(legacy(owned.store(), &owned.lanes()).await, Legacy::default());
}
