//! What every store must do, said once and run against each.

use std::collections::BTreeSet;
use std::time::Duration;

use capstone_outbox::memory::MemoryStore;
use capstone_outbox::message::Ident;
use capstone_outbox::sqlite::{SqliteStore, enqueue};
use capstone_outbox::store::{
    Budget, Change, Changes, Cursor, Due, DueLook, Fenced, Fetched, Held, Hold, Lane, Lease, Look, Owner,
    Renewed, Settled, Store,
};
use capstone_outbox::{Envelope, Message, RowId, Seq};

use crate::support::{message, numbered, row, rows};

const TTL: Duration = Duration::from_secs(8);
pub(crate) const PLENTY: Budget = Budget { rows: 1_000, bytes: 1 << 20 };

/// What the suite needs besides the trait: a way in, and a look at the dead letters.
pub(crate) trait Subject: Store {
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
        self.buried().len()
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
        mod memory_with_lanes {
            $(#[tokio::test] async fn $property() { super::$property(super::MemoryStore::with_lanes(16)).await; })+
        }
        mod sqlite {
            $(#[tokio::test] async fn $property() {
                let folder = tempfile::tempdir().unwrap();
                super::$property(super::SqliteStore::open(folder.path().join("a.db")).unwrap()).await;
            })+
        }
        #[cfg(all(unix, feature = "postgres"))]
        mod postgres {
            $(#[tokio::test] async fn $property() {
                let Some(store) = crate::postgres::store().await else { return };
                super::$property(store).await;
            })+
        }
    };
}
pub(crate) use contract;

contract!(
    rows_come_in_order_and_within_the_budget,
    one_budget_serves_all_lanes,
    an_oversized_row_comes_alone,
    rows_of_a_key_come_between_two_places,
    published_rows_are_gone_and_deleting_them_again_is_harmless,
    a_buried_row_is_a_dead_letter_once,
    one_owner_at_a_time,
    lanes_are_taken_given_back_and_left,
    relays_are_counted_while_they_live,
    a_stale_lease_changes_nothing_but_deletes_what_was_published,
    one_lost_lease_does_not_stop_the_others,
);

/// 0 is the beginning.
fn place(after: i64) -> Seq {
    if after == 0 { Seq::START } else { Seq(after) }
}

/// A relay that holds every lane.
pub(crate) struct Owned {
    pub(crate) leases: Vec<Lease>,
}

impl Owned {
    pub(crate) async fn all(store: &impl Store, name: &str) -> Self {
        let leases = store.acquire(&Owner::new(name), u16::MAX, TTL).await.unwrap();
        assert_eq!(leases.len(), usize::from(store.lanes()), "all lanes are free");
        Self { leases }
    }

    pub(crate) fn lease(&self, lane: Lane) -> Lease {
        *self.leases.iter().find(|lease| lease.lane == lane).expect("it holds every lane")
    }

    /// Behind the same place in each lane.
    pub(crate) fn look(&self, after: i64) -> Look {
        let cursors = self.leases.iter().map(|lease| Cursor { lease: *lease, after: place(after) });
        Look { cursors: cursors.collect(), ..Look::default() }
    }

    fn look_in(&self, lane: Lane, after: i64) -> Look {
        let cursors = vec![Cursor { lease: self.lease(lane), after: place(after) }];
        Look { cursors, ..Look::default() }
    }

    pub(crate) async fn rows(&self, store: &impl Store, after: i64) -> Vec<Envelope> {
        let look = Look { in_memory: (1..=after).map(row).collect(), ..self.look(after) };
        let mut rows = store.fetch(&look, PLENTY).await.unwrap().rows;
        rows.sort_by_key(|row| row.seq);
        rows
    }

    /// Payloads in the order of the numbers, whatever lane they are in.
    pub(crate) async fn payloads(&self, store: &impl Store, after: i64) -> Vec<String> {
        let rows = self.rows(store, after).await;
        rows.iter().map(|row| String::from_utf8(row.payload.to_vec()).unwrap()).collect()
    }

    /// Changes of the lane that this row is in.
    pub(crate) async fn fenced(&self, store: &impl Store, seq: i64, changes: Vec<Change>) -> Changes {
        let fetched = store.fetch(&self.look(0), PLENTY).await.unwrap();
        let ready = fetched.rows.iter().map(|row| (row.seq, row.lane));
        let behind = fetched.behind.iter().map(|behind| (behind.row.seq, behind.lane));
        let (_, lane) = ready.chain(behind).find(|(found, _)| *found == Seq(seq)).expect("it waits");
        let fenced = changes.into_iter().map(|change| Fenced { lease: self.lease(lane), change });
        Changes { published: vec![], fenced: fenced.collect() }
    }

    pub(crate) async fn settle(&self, store: &impl Store, seq: i64, changes: Vec<Change>) {
        let changes = self.fenced(store, seq, changes).await;
        assert_eq!(store.settle(&changes).await.unwrap(), Settled::default());
    }

    /// What is due in any lane.
    pub(crate) async fn due(&self, store: &impl Store) -> Due {
        store.due(&self.due_look(), PLENTY).await.unwrap()
    }

    pub(crate) fn due_look(&self) -> DueLook {
        let lanes = self.leases.iter().map(|lease| lease.lane).collect();
        DueLook { lanes, except: vec![], rows_each: 100, wait_max: Duration::from_secs(900) }
    }
}

pub(crate) fn hold(lane: Lane, ident: &Ident, head: i64, held: &[i64], hold: Hold) -> Change {
    let held_key = Held { lane, ident: ident.clone(), head: row(head), attempts: 3, hold };
    Change::Hold { held: held_key, rows: rows(held), error: "no".into() }
}

/// Numbers of the rows that must queue behind held ones.
pub(crate) async fn seqs_behind(owned: &Owned, store: &impl Store) -> Vec<i64> {
    let fetched = store.fetch(&owned.look(0), PLENTY).await.unwrap();
    fetched.behind.iter().map(|behind| behind.row.seq.0).collect()
}

pub(crate) fn seqs(rows: &[Envelope]) -> Vec<i64> {
    rows.iter().map(|row| row.seq.0).collect()
}

async fn rows_come_in_order_and_within_the_budget(store: impl Subject) {
    store.put(numbered(["1", "2", "3"].map(|n| message("k", n)))).await;
    let owned = Owned::all(&store, "a").await;
    assert_eq!(owned.payloads(&store, 0).await, ["1", "2", "3"]);
    assert_eq!(owned.payloads(&store, 1).await, ["2", "3"]);

    let lane = owned.rows(&store, 0).await[0].lane;
    let two = store.fetch(&owned.look_in(lane, 0), Budget { rows: 2, ..PLENTY }).await.unwrap();
    assert_eq!((seqs(&two.rows), two.more), (vec![1, 2], vec![lane]));
    let all = store.fetch(&owned.look_in(lane, 0), Budget { rows: 3, ..PLENTY }).await.unwrap();
    assert_eq!((seqs(&all.rows), all.more), (vec![1, 2, 3], vec![]));
}

/// Whatever a store does to be fair: the budget holds, and going on where it says so brings every row once.
async fn one_budget_serves_all_lanes(store: impl Subject) {
    store.put((1..=40).map(|n| message(&format!("k{n}"), &n.to_string())).collect()).await;
    let owned = Owned::all(&store, "a").await;
    let lanes_of = |rows: &[Envelope]| rows.iter().map(|row| row.lane).collect::<BTreeSet<Lane>>();
    let some = store.fetch(&owned.look(0), Budget { rows: owned.leases.len(), ..PLENTY }).await.unwrap();
    assert_eq!(lanes_of(&some.rows), lanes_of(&owned.rows(&store, 0).await), "each lane has its part");

    let mut look = owned.look(0);
    let mut met = Vec::new();
    while !look.cursors.is_empty() {
        look.in_memory.clone_from(&met);
        let fetched = store.fetch(&look, Budget { rows: 7, ..PLENTY }).await.unwrap();
        assert!(fetched.rows.len() <= 7 && !fetched.rows.is_empty(), "{} rows", fetched.rows.len());
        for cursor in &mut look.cursors {
            let lane = cursor.lease.lane;
            let brought: Vec<RowId> =
                fetched.rows.iter().filter(|row| row.lane == lane).map(Envelope::row).collect();
            assert!(brought.is_sorted() && brought.first().is_none_or(|first| first.seq > cursor.after));
            cursor.after = brought.last().map_or(cursor.after, |row| row.seq);
            met.extend(brought);
        }
        look.cursors.retain(|cursor| fetched.more.contains(&cursor.lease.lane));
    }
    let mut met: Vec<i64> = met.iter().map(|row| row.seq.0).collect();
    met.sort_unstable();
    assert_eq!(met, (1..=40).collect::<Vec<_>>());
}

async fn an_oversized_row_comes_alone(store: impl Subject) {
    store.put(vec![message("k", &"x".repeat(5_000)), message("k", "small")]).await;
    let owned = Owned::all(&store, "a").await;
    let lane = owned.rows(&store, 0).await[0].lane;
    let tight = Budget { rows: 10, bytes: 2_000 };
    let alone = store.fetch(&owned.look(0), tight).await.unwrap();
    assert!(alone.rows.len() == 1 && alone.more.contains(&lane));
}

/// What the store in memory does; PostgreSQL's needs transactions that are open, see `postgres/late.rs`.
#[tokio::test]
async fn a_row_that_commits_late_is_found_below_the_cursor() {
    let store = MemoryStore::with_lanes(16);
    store.enqueue(numbered((1..=5).map(|n| message("k", &n.to_string()))));
    let owned = Owned::all(&store, "a").await;
    let lane = owned.rows(&store, 0).await[0].lane;
    let look = Look { in_memory: rows(&[1, 4]), ..owned.look_in(lane, 4) };
    let some = store.fetch(&look, Budget { rows: 1, ..PLENTY }).await.unwrap();
    assert_eq!(seqs(&some.rows), [2], "no later row before an earlier one");
    assert!(some.more.contains(&some.rows[0].lane));
    let look = Look { in_memory: rows(&[1, 2, 4]), ..look };
    assert_eq!(seqs(&store.fetch(&look, PLENTY).await.unwrap().rows), [3, 5]);
    let spilled = Look { in_memory: vec![], spilled: vec!["k".into()], ..look };
    assert_eq!(seqs(&store.fetch(&spilled, PLENTY).await.unwrap().rows), [5]);
}

async fn rows_of_a_key_come_between_two_places(store: impl Subject) {
    let five = [("k", "1"), ("other", "2"), ("k", "3"), ("k", "4"), ("k", "5")];
    store.put(numbered(five.map(|(k, n)| message(k, n)))).await;
    let owned = Owned::all(&store, "a").await;
    let lane = owned.rows(&store, 0).await[0].lane;
    let lease = owned.lease(lane);
    let between = store.fetch_spilled(lease, "k", Seq(1), Seq(4), PLENTY).await.unwrap();
    assert_eq!((seqs(&between.rows), between.more), (vec![3, 4], vec![]));
    let one = store.fetch_spilled(lease, "k", Seq(1), Seq(4), Budget { rows: 1, ..PLENTY }).await.unwrap();
    assert_eq!((seqs(&one.rows), one.more), (vec![3], vec![lane]));
    let hold = hold(lane, &Ident::Key("k".into()), 3, &[3], Hold::Parked);
    owned.settle(&store, 3, vec![hold]).await;
    assert_eq!(seqs(&store.fetch_spilled(lease, "k", Seq(1), Seq(4), PLENTY).await.unwrap().rows), [4]);

    store.release(&owned.leases).await.unwrap();
    let lost = store.fetch_spilled(lease, "k", Seq(1), Seq(4), PLENTY).await.unwrap();
    assert_eq!(lost, Fetched { is_void: true, ..Fetched::default() }, "4 may be behind a row that is held");
}

async fn published_rows_are_gone_and_deleting_them_again_is_harmless(store: impl Subject) {
    store.put(numbered(["1", "2", "3"].map(|n| message("k", n)))).await;
    let owned = Owned::all(&store, "a").await;
    let changes = Changes { published: rows(&[1, 3]), fenced: vec![] };
    for _ in 0..2 {
        assert_eq!(store.settle(&changes).await.unwrap(), Settled::default());
        assert_eq!(owned.payloads(&store, 0).await, ["2"]);
    }
    store.put(vec![message("k", "4")]).await;
    assert_eq!(seqs(&owned.rows(&store, 2).await), [4], "the next number");
}

async fn a_buried_row_is_a_dead_letter_once(store: impl Subject) {
    store.put(numbered([message("k", "1"), message("k", "2")])).await;
    let owned = Owned::all(&store, "a").await;
    let bury = Change::Bury { row: row(1), attempts: 10, error: "never".into() };
    let bury = owned.fenced(&store, 1, vec![bury]).await;
    for _ in 0..2 {
        store.settle(&bury).await.unwrap();
    }
    assert_eq!(store.dead().await, 1);
    assert_eq!(owned.payloads(&store, 0).await, ["2"]);
}

async fn one_owner_at_a_time(store: impl Subject) {
    let (a, b) = (Owner::new("a"), Owner::new("b"));
    let first = Owned::all(&store, "a").await;
    assert_eq!(store.acquire(&b, 1, TTL).await.unwrap(), []);
    assert_eq!(store.renew(&a, TTL).await.unwrap().leases, first.leases);
    store.release(&first.leases).await.unwrap();
    let second = Owned::all(&store, "b").await;
    assert!(second.leases.iter().zip(&first.leases).all(|(second, first)| second.epoch > first.epoch));
    assert_eq!(store.renew(&a, TTL).await.unwrap().leases, [], "a stale lease cannot be renewed");
    store.release(&first.leases).await.unwrap();
    assert_eq!(store.renew(&b, TTL).await.unwrap().leases, second.leases, "nor take the lane from its owner");
}

async fn lanes_are_taken_given_back_and_left(store: impl Subject) {
    let (a, b) = (Owner::new("a"), Owner::new("b"));
    let half = store.lanes().div_ceil(2);
    let some = store.acquire(&a, half, TTL).await.unwrap();
    assert_eq!(some.len(), usize::from(half));
    let rest = store.acquire(&b, u16::MAX, TTL).await.unwrap();
    assert_eq!(some.len() + rest.len(), usize::from(store.lanes()));
    assert!(!some.iter().any(|lease| rest.iter().any(|other| other.lane == lease.lane)));

    store.release(&some[..1]).await.unwrap();
    assert_eq!(store.renew(&a, TTL).await.unwrap().leases, some[1..]);
    let back = store.acquire(&b, u16::MAX, TTL).await.unwrap();
    assert_eq!(back.iter().map(|lease| lease.lane).collect::<Vec<_>>(), [some[0].lane]);

    store.leave(&b).await.unwrap();
    assert_eq!(store.renew(&b, TTL).await.unwrap().leases, []);
    assert_eq!(store.acquire(&a, u16::MAX, TTL).await.unwrap().len(), rest.len() + 1);
    assert_eq!(store.renew(&a, TTL).await.unwrap().leases.len(), usize::from(store.lanes()));
}

async fn relays_are_counted_while_they_live(store: impl Subject) {
    if store.lanes() == 1 {
        return; // Nothing to share, so nobody counts.
    }
    let (a, b) = (Owner::new("a"), Owner::new("b"));
    assert_eq!(store.renew(&a, TTL).await.unwrap(), Renewed { relays: 1, ..Renewed::default() });
    assert_eq!(store.renew(&b, TTL).await.unwrap().relays, 2);
    assert_eq!(store.renew(&a, TTL).await.unwrap().relays, 2);
    store.leave(&b).await.unwrap();
    assert_eq!(store.renew(&a, TTL).await.unwrap().relays, 1);
}

async fn a_stale_lease_changes_nothing_but_deletes_what_was_published(store: impl Subject) {
    store.put(numbered(["1", "2"].map(|n| message("k", n)))).await;
    let stale = Owned::all(&store, "a").await;
    let lane = stale.rows(&store, 0).await[0].lane;
    let bury = Change::Bury { row: row(2), attempts: 1, error: "no".into() };
    let park = hold(lane, &Ident::Key("k".into()), 2, &[2], Hold::Parked);
    let mut changes = stale.fenced(&store, 2, vec![bury, park]).await;
    changes.published.push(row(1));
    store.release(&stale.leases).await.unwrap();
    assert_eq!(store.settle(&changes).await.unwrap().lost, [stale.lease(lane)], "given back");

    let current = Owned::all(&store, "b").await;
    assert_eq!(store.settle(&changes).await.unwrap().lost, [stale.lease(lane)], "and taken by another");
    assert_eq!(current.payloads(&store, 0).await, ["2"]);
    assert_eq!((store.dead().await, current.due(&store).await), (0, Due::default()));
}

async fn one_lost_lease_does_not_stop_the_others(store: impl Subject) {
    store.put((1..=20).map(|n| message(&format!("k{n}"), &n.to_string())).collect()).await;
    let owned = Owned::all(&store, "a").await;
    let rows = owned.rows(&store, 0).await;
    let lost = owned.lease(rows[0].lane);
    store.release(&[lost]).await.unwrap();
    let bury = |row: &Envelope| Fenced {
        lease: owned.lease(row.lane),
        change: Change::Bury { row: row.row(), attempts: 1, error: "no".into() },
    };
    let changes = Changes { published: vec![], fenced: rows.iter().map(bury).collect() };
    assert_eq!(store.settle(&changes).await.unwrap().lost, [lost]);
    let of_others = rows.iter().filter(|row| row.lane != lost.lane).count();
    assert_eq!(store.dead().await, of_others);
}
