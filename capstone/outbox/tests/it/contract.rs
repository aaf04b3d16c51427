//! What every store must do, said once and run against each.

use std::time::Duration;

use capstone_outbox::memory::MemoryStore;
use capstone_outbox::message::Ident;
use capstone_outbox::sqlite::{SqliteStore, enqueue};
use capstone_outbox::store::{Budget, Change, Changes, Held, Hold, Lease, Owner, Settled, Store};
use capstone_outbox::{Message, Seq};

use crate::support::{message, ms};

const TTL: Duration = Duration::from_secs(8);
const PLENTY: Budget = Budget { rows: 100, bytes: 1 << 20, oversized_first: true };

/// What the suite needs besides the trait: a way in, and a look at the dead letters.
trait Subject: Store {
    async fn put(&self, messages: Vec<Message>);
    async fn dead(&self) -> usize;
}

impl Subject for MemoryStore {
    async fn put(&self, messages: Vec<Message>) {
        self.enqueue(messages);
        tokio::task::yield_now().await;
    }

    async fn dead(&self) -> usize {
        tokio::task::yield_now().await;
        self.dead_letters().len()
    }
}

impl Subject for SqliteStore {
    async fn put(&self, messages: Vec<Message>) {
        let put = self.transaction(move |tx| messages.iter().try_for_each(|m| enqueue(tx, m).map(drop)));
        put.await.unwrap();
    }

    async fn dead(&self) -> usize {
        usize::try_from(self.status().await.unwrap().dead).unwrap()
    }
}

/// Runs each property against a fresh store of each kind.
macro_rules! contract {
    ($($property:ident),+ $(,)?) => {
        mod memory {
            $(#[tokio::test] async fn $property() { super::$property(super::MemoryStore::new()).await; })+
        }
        mod sqlite {
            $(#[tokio::test] async fn $property() {
                let folder = tempfile::tempdir().unwrap();
                super::$property(super::SqliteStore::open(folder.path().join("a.db")).unwrap()).await;
            })+
        }
    };
}

contract!(
    rows_come_in_order_and_within_the_budget,
    an_oversized_row_comes_alone_or_not_at_all,
    published_rows_are_gone_and_deleting_them_again_is_harmless,
    held_rows_leave_the_fetch_and_come_back_in_order,
    trouble_is_remembered_until_it_is_freed,
    a_buried_row_is_a_dead_letter_once,
    one_owner_at_a_time,
    a_stale_lease_changes_nothing_but_deletes_what_was_published,
);

async fn payloads(store: &impl Store, after: Seq) -> Vec<String> {
    let rows = store.fetch(after, PLENTY).await.unwrap().rows;
    rows.iter().map(|row| String::from_utf8(row.payload.to_vec()).unwrap()).collect()
}

async fn take(store: &impl Store, name: &str) -> Lease {
    store.acquire(&Owner::new(name), TTL).await.unwrap().expect("the lane is free")
}

fn fenced(change: Change) -> Changes {
    Changes { published: vec![], fenced: vec![change] }
}

fn hold(ident: &Ident, head: i64, rows: &[i64], hold: Hold) -> Change {
    let held = Held { ident: ident.clone(), head: Seq(head), attempts: 3, hold };
    Change::Hold { held, rows: rows.iter().copied().map(Seq).collect(), error: "no".into() }
}

async fn rows_come_in_order_and_within_the_budget(store: impl Subject) {
    store.put(["1", "2", "3"].map(|n| message("k", n)).into()).await;
    assert_eq!(payloads(&store, Seq(0)).await, ["1", "2", "3"]);
    assert_eq!(payloads(&store, Seq(1)).await, ["2", "3"]);

    let two = store.fetch(Seq(0), Budget { rows: 2, ..PLENTY }).await.unwrap();
    assert_eq!((two.rows.len(), two.more), (2, true));
    let all = store.fetch(Seq(0), Budget { rows: 3, ..PLENTY }).await.unwrap();
    assert_eq!((all.rows.len(), all.more), (3, false));
}

async fn an_oversized_row_comes_alone_or_not_at_all(store: impl Subject) {
    store.put(vec![message("k", &"x".repeat(5_000)), message("k", "small")]).await;
    let tight = Budget { rows: 10, bytes: 2_000, oversized_first: true };
    let alone = store.fetch(Seq(0), tight).await.unwrap();
    assert_eq!((alone.rows.len(), alone.more), (1, true));
    let none = store.fetch(Seq(0), Budget { oversized_first: false, ..tight }).await.unwrap();
    assert_eq!((none.rows.len(), none.more), (0, true));
}

async fn published_rows_are_gone_and_deleting_them_again_is_harmless(store: impl Subject) {
    store.put(["1", "2", "3"].map(|n| message("k", n)).into()).await;
    let lease = take(&store, "a").await;
    let changes = Changes { published: vec![Seq(1), Seq(3)], fenced: vec![] };
    for _ in 0..2 {
        assert_eq!(store.settle(&lease, &changes).await.unwrap(), Settled::All);
        assert_eq!(payloads(&store, Seq(0)).await, ["2"]);
    }
    store.put(vec![message("k", "4")]).await;
    let row = store.fetch(Seq(2), PLENTY).await.unwrap().rows.remove(0);
    assert_eq!(row.seq, Seq(4), "a number is never used twice");
}

async fn held_rows_leave_the_fetch_and_come_back_in_order(store: impl Subject) {
    store.put([("k", "1"), ("other", "2"), ("k", "3"), ("k", "4")].map(|(k, n)| message(k, n)).into()).await;
    let lease = take(&store, "a").await;
    let key = Ident::Key("k".into());
    let changes = Changes {
        published: vec![],
        fenced: vec![hold(&key, 1, &[1, 3], Hold::RetryIn(ms(100))), Change::Follow(vec![Seq(4)])],
    };
    assert_eq!(store.settle(&lease, &changes).await.unwrap(), Settled::All);

    assert_eq!(payloads(&store, Seq(0)).await, ["2"]);
    let seqs = |rows: Vec<capstone_outbox::Envelope>| rows.iter().map(|row| row.seq.0).collect::<Vec<_>>();
    assert_eq!(seqs(store.fetch_held(&key, Seq(0), PLENTY).await.unwrap().rows), [1, 3, 4]);
    assert_eq!(seqs(store.fetch_held(&key, Seq(1), PLENTY).await.unwrap().rows), [3, 4]);
    let other = Ident::Key("other".into());
    assert_eq!(seqs(store.fetch_held(&other, Seq(0), PLENTY).await.unwrap().rows), [0; 0]);
}

async fn trouble_is_remembered_until_it_is_freed(store: impl Subject) {
    store.put(vec![message("k", "1"), message("", "2")]).await;
    let lease = take(&store, "a").await;
    let (key, row) = (Ident::Key("k".into()), Ident::Row(Seq(2)));
    store.settle(&lease, &fenced(hold(&key, 1, &[1], Hold::RetryIn(Duration::from_secs(60))))).await.unwrap();
    store.settle(&lease, &fenced(hold(&row, 2, &[2], Hold::Parked))).await.unwrap();

    let mut held = store.held().await.unwrap();
    held.sort_by(|a, b| a.ident.cmp(&b.ident));
    assert_eq!(held.len(), 2);
    assert_eq!((&held[0].ident, held[0].head, held[0].attempts), (&key, Seq(1), 3));
    assert!(matches!(held[0].hold, Hold::RetryIn(delay) if delay > ms(50_000) && delay <= ms(60_000)));
    assert_eq!((&held[1].ident, held[1].hold), (&row, Hold::Parked));
    assert_eq!(store.fetch_held(&row, Seq(0), PLENTY).await.unwrap().rows.len(), 1);

    store.settle(&lease, &fenced(Change::Free(key))).await.unwrap();
    assert_eq!(store.held().await.unwrap().len(), 1);
}

async fn a_buried_row_is_a_dead_letter_once(store: impl Subject) {
    store.put(vec![message("k", "1"), message("k", "2")]).await;
    let lease = take(&store, "a").await;
    let bury = fenced(Change::Bury { row: Seq(1), attempts: 10, error: "never".into() });
    for _ in 0..2 {
        store.settle(&lease, &bury).await.unwrap();
    }
    assert_eq!(store.dead().await, 1);
    assert_eq!(payloads(&store, Seq(0)).await, ["2"]);
}

async fn one_owner_at_a_time(store: impl Subject) {
    let first = take(&store, "a").await;
    assert_eq!(store.acquire(&Owner::new("b"), TTL).await.unwrap(), None);
    assert!(store.renew(&first, TTL).await.unwrap());
    store.release(&first).await.unwrap();
    let second = take(&store, "b").await;
    assert!(second.epoch > first.epoch);
    assert!(!store.renew(&first, TTL).await.unwrap(), "a stale lease cannot be renewed");
    store.release(&first).await.unwrap();
    assert!(store.renew(&second, TTL).await.unwrap(), "nor take the lane from its owner");
}

async fn a_stale_lease_changes_nothing_but_deletes_what_was_published(store: impl Subject) {
    store.put(["1", "2"].map(|n| message("k", n)).into()).await;
    let stale = take(&store, "a").await;
    store.release(&stale).await.unwrap();
    let _current = take(&store, "b").await;
    let mut changes = fenced(Change::Bury { row: Seq(2), attempts: 1, error: "no".into() });
    changes.fenced.push(hold(&Ident::Key("k".into()), 2, &[2], Hold::Parked));
    changes.published.push(Seq(1));

    assert_eq!(store.settle(&stale, &changes).await.unwrap(), Settled::Fenced);
    assert_eq!(payloads(&store, Seq(0)).await, ["2"]);
    assert_eq!((store.dead().await, store.held().await.unwrap().len()), (0, 0));
}
