//! Rows that wait, and what becomes of them.

use std::collections::BTreeSet;

use super::Subject;
use super::owned::{Owned, PLENTY, message, number, numbers};
use crate::message::{Envelope, RowId, Seq};
use crate::store::{Budget, Change, Changes, Fetched, Hold, Lane, Settled, Store};

/// Every byte of it, and by the same id.
pub async fn what_comes_is_what_was_enqueued<S: Subject>(make: impl AsyncFnOnce() -> S) {
    let mut odd = message(1, "k \"1\"; ü", "");
    odd.payload = b"\x00\xff{\"\\u0000\":1.0}".to_vec().into();
    let odd = odd.with_header("a", "b; \"c\"\n").with_header("ü", "");
    let plain = message(2, "", "");
    let owned = Owned::with_messages(make, vec![odd.clone(), plain.clone()]).await;
    let rows = owned.store().fetch(&owned.look(), PLENTY).await.expect("a fetch").rows;
    for sent in [odd, plain] {
        let row = rows.iter().find(|row| row.id == sent.id).expect("it waits");
        assert_eq!((row.topic.as_str(), row.key.as_deref()), ("orders.created", sent.key.as_deref()));
        assert_eq!(row.headers().expect("a JSON object of strings"), sent.headers);
        assert_eq!(row.payload, sent.payload);
    }
}

/// Those of a lane, behind a place: as many as are allowed, and it says whether there are more.
pub async fn rows_come_in_order_and_within_the_budget<S: Subject>(make: impl AsyncFnOnce() -> S) {
    let owned = Owned::with(make, &["k", "k", "k"]).await;
    assert_eq!(owned.waiting().await, [1, 2, 3]);
    let (mut look, lane) = (owned.look_at(1), owned.lane(1));
    let fetch = async |look: &_, rows| {
        let budget = Budget { rows, ..PLENTY };
        let fetched = owned.store().fetch(look, budget).await.expect("a fetch");
        (numbers(&fetched.rows), fetched.more)
    };
    assert_eq!(fetch(&look, 2).await, (vec![1, 2], vec![lane]));
    assert_eq!(fetch(&look, 3).await, (vec![1, 2, 3], vec![]));
    look.cursors[0].after = owned.seq(1);
    look.in_memory = owned.rows_of(&[1]);
    assert_eq!(fetch(&look, 3).await, (vec![2, 3], vec![]));
}

/// Whatever a store does to be fair: the budget holds, and going on where it says so brings every row once.
pub async fn one_budget_serves_all_lanes<S: Subject>(make: impl AsyncFnOnce() -> S) {
    let keys: Vec<String> = (1..=40).map(|number| format!("k{number}")).collect();
    let owned = Owned::with(make, &keys.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let lanes = |rows: &[Envelope]| rows.iter().map(|row| row.lane).collect::<BTreeSet<Lane>>();
    let budget = Budget { rows: owned.leases.len(), ..PLENTY };
    let some = owned.store().fetch(&owned.look(), budget).await.expect("a fetch");
    let in_use: BTreeSet<Lane> = (1..=40).map(|number| owned.lane(number)).collect();
    assert_eq!(lanes(&some.rows), in_use, "each lane has its part");

    let mut look = owned.look();
    let mut met: Vec<RowId> = Vec::new();
    while !look.cursors.is_empty() {
        look.in_memory.clone_from(&met);
        let fetched = owned.store().fetch(&look, Budget { rows: 7, ..PLENTY }).await.expect("a fetch");
        assert!(fetched.rows.len() <= 7 && !fetched.rows.is_empty(), "{} rows", fetched.rows.len());
        for cursor in &mut look.cursors {
            let of_lane = fetched.rows.iter().filter(|row| row.lane == cursor.lease.lane);
            let brought: Vec<RowId> = of_lane.map(Envelope::row).collect();
            assert!(brought.is_sorted() && brought.first().is_none_or(|first| first.seq > cursor.after));
            cursor.after = brought.last().map_or(cursor.after, |row| row.seq);
            met.extend(brought);
        }
        look.cursors.retain(|cursor| fetched.more.contains(&cursor.lease.lane));
    }
    let mut met: Vec<u8> = met.iter().map(|row| number(row.id)).collect();
    met.sort_unstable();
    assert_eq!(met, (1..=40).collect::<Vec<_>>());
}

/// Or it never would.
pub async fn an_oversized_row_comes_alone<S: Subject>(make: impl AsyncFnOnce() -> S) {
    let messages = vec![message(1, "k", &"x".repeat(5_000)), message(2, "k", "small")];
    let owned = Owned::with_messages(make, messages).await;
    let tight = Budget { rows: 10, bytes: 2_000 };
    let alone = owned.store().fetch(&owned.look_at(1), tight).await.expect("a fetch");
    assert_eq!((numbers(&alone.rows), alone.more), (vec![1], vec![owned.lane(1)]));
}

/// Those that wait and are not held, as long as the lease holds.
pub async fn rows_of_a_key_come_between_two_places<S: Subject>(make: impl AsyncFnOnce() -> S) {
    let owned = Owned::with(make, &["k", "other", "k", "k", "k"]).await;
    let (lease, between) = (owned.lease(1), (owned.seq(1), owned.seq(4)));
    let fetch = async |rows| {
        let budget = Budget { rows, ..PLENTY };
        owned.store().fetch_spilled(lease, "k", between.0, between.1, budget).await.expect("a fetch")
    };
    let (two, one) = (fetch(100).await, fetch(1).await);
    assert_eq!((numbers(&two.rows), two.more), (vec![3, 4], vec![]));
    assert_eq!((numbers(&one.rows), one.more), (vec![3], vec![lease.lane]));
    owned.settle(3, vec![owned.hold(&[3], 1, Hold::Parked)]).await;
    assert_eq!(numbers(&fetch(100).await.rows), [4]);
    owned.store().release(&owned.leases).await.expect("lanes are given back");
    let void = Fetched { is_void: true, ..Fetched::default() };
    assert_eq!(fetch(100).await, void, "4 may be behind a row that the next owner holds");
}

/// And numbers are not used again.
pub async fn published_rows_are_gone_and_deleting_them_again_is_harmless<S: Subject>(
    make: impl AsyncFnOnce() -> S,
) {
    let mut owned = Owned::with(make, &["k", "k", "k"]).await;
    let changes = Changes { published: owned.rows_of(&[1, 3]), fenced: vec![] };
    for _ in 0..2 {
        assert_eq!(owned.settled(&changes).await, Settled::default());
        assert_eq!(owned.waiting().await, [2]);
    }
    let highest: Seq = owned.seq(3);
    owned.enqueue(message(4, "k", "4")).await;
    assert!(owned.seq(4) > highest, "{} after {highest}", owned.seq(4));
}

/// It moves, and what is behind it goes on.
pub async fn a_buried_row_is_a_dead_letter_once<S: Subject>(make: impl AsyncFnOnce() -> S) {
    let owned = Owned::with(make, &["k", "k"]).await;
    let bury = Change::Bury { row: owned.row(1), attempts: 10, error: "never".into() };
    let bury = owned.fenced(1, vec![bury]);
    for _ in 0..2 {
        assert_eq!(owned.settled(&bury).await, Settled::default());
    }
    assert_eq!(owned.subject.dead().await, [owned.row(1).id]);
    assert_eq!(owned.waiting().await, [2]);
}
