//! Lanes and leases.

use super::Subject;
use super::owned::{Owned, TTL, take_all};
use crate::store::{Change, Changes, Due, Fenced, Hold, Lane, Lease, Owner, Renewed, Settled, Store};

async fn renewed(store: &impl Store, owner: &Owner) -> Renewed {
    store.renew(owner, TTL).await.expect("a renewal")
}

async fn acquired(store: &impl Store, owner: &Owner, lanes_max: u16) -> Vec<Lease> {
    store.acquire(owner, lanes_max, TTL).await.expect("lanes are taken")
}

/// An ownership ends for good.
pub async fn one_owner_at_a_time<S: Subject>(make: impl AsyncFnOnce() -> S) {
    let subject = make().await;
    let store = &**subject.store();
    let (a, b) = (Owner::new("a"), Owner::new("b"));
    let first = take_all(store, "a").await;
    assert_eq!(acquired(store, &b, 1).await, []);
    assert_eq!(renewed(store, &a).await.leases, first);
    store.release(&first).await.expect("lanes are given back");
    let second = take_all(store, "b").await;
    assert!(second.iter().zip(&first).all(|(second, first)| second.epoch > first.epoch), "epochs grow");
    assert_eq!(renewed(store, &a).await.leases, [], "a stale lease cannot be renewed");
    store.release(&first).await.expect("a stale lease gives nothing back");
    assert_eq!(renewed(store, &b).await.leases, second, "nor take the lane from its owner");
}

/// Each lane has its own way.
pub async fn lanes_are_taken_given_back_and_left<S: Subject>(make: impl AsyncFnOnce() -> S) {
    let subject = make().await;
    let store = &**subject.store();
    let (a, b) = (Owner::new("a"), Owner::new("b"));
    let lanes = |leases: &[Lease]| leases.iter().map(|lease| lease.lane).collect::<Vec<Lane>>();
    let half = store.lanes().div_ceil(2);
    let some = acquired(store, &a, half).await;
    assert_eq!(some.len(), usize::from(half));
    let rest = acquired(store, &b, u16::MAX).await;
    assert_eq!(some.len() + rest.len(), usize::from(store.lanes()));
    assert!(lanes(&some).iter().all(|lane| !lanes(&rest).contains(lane)));

    store.release(&some[..1]).await.expect("a lane is given back");
    assert_eq!(renewed(store, &a).await.leases, some[1..]);
    assert_eq!(lanes(&acquired(store, &b, u16::MAX).await), [some[0].lane]);

    store.leave(&b).await.expect("all is given back");
    assert_eq!(renewed(store, &b).await.leases, []);
    assert_eq!(acquired(store, &a, u16::MAX).await.len(), rest.len() + 1);
    assert_eq!(renewed(store, &a).await.leases.len(), usize::from(store.lanes()));
}

/// What the lanes are shared among. Where there is one lane nobody needs to count.
pub async fn relays_are_counted_while_they_live<S: Subject>(make: impl AsyncFnOnce() -> S) {
    let subject = make().await;
    let store = &**subject.store();
    if store.lanes() == 1 {
        return;
    }
    let (a, b) = (Owner::new("a"), Owner::new("b"));
    assert_eq!(renewed(store, &a).await, Renewed { relays: 1, ..Renewed::default() });
    assert_eq!(renewed(store, &b).await.relays, 2);
    assert_eq!(renewed(store, &a).await.relays, 2);
    store.leave(&b).await.expect("it leaves");
    assert_eq!(renewed(store, &a).await.relays, 1);
}

/// That a message was published stays true.
pub async fn a_stale_lease_changes_nothing_but_deletes_what_was_published<S: Subject>(
    make: impl AsyncFnOnce() -> S,
) {
    let mut owned = Owned::with(make, &["k", "k"]).await;
    let bury = Change::Bury { row: owned.row(2), attempts: 1, error: "no".into() };
    let mut changes = owned.fenced(2, vec![bury, owned.hold(&[2], 1, Hold::Parked)]);
    changes.published.push(owned.row(1));
    let lost = Settled { lost: vec![owned.lease(2)], ..Settled::default() };
    owned.store().release(&owned.leases).await.expect("lanes are given back");
    assert_eq!(owned.settled(&changes).await, lost, "given back");

    owned.leases = take_all(owned.store(), "b").await;
    assert_eq!(owned.settled(&changes).await, lost, "and taken by another");
    assert_eq!(owned.waiting().await, [2]);
    assert_eq!((owned.subject.dead().await.len(), owned.due().await), (0, Due::default()));
}

/// A flush is for many lanes.
pub async fn one_lost_lease_does_not_stop_the_others<S: Subject>(make: impl AsyncFnOnce() -> S) {
    let keys: Vec<String> = (1..=20).map(|number| format!("k{number}")).collect();
    let owned = Owned::with(make, &keys.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let lost = owned.lease(1);
    owned.store().release(&[lost]).await.expect("a lane is given back");
    let bury = |number| Fenced {
        lease: owned.lease(number),
        change: Change::Bury { row: owned.row(number), attempts: 1, error: "no".into() },
    };
    let changes = Changes { published: vec![], fenced: (1..=20).map(bury).collect() };
    assert_eq!(owned.settled(&changes).await.lost, [lost]);
    let of_others = (1..=20).filter(|number| owned.lane(*number) != lost.lane).count();
    assert_eq!(owned.subject.dead().await.len(), of_others);
}
