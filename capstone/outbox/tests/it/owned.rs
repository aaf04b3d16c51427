//! A store whose lanes all belong to one relay, for tests that every store passes.

use std::time::Duration;

use capstone_outbox::memory::MemoryStore;
use capstone_outbox::message::Ident;
use capstone_outbox::sqlite::{SqliteStore, enqueue};
use capstone_outbox::store::{
    Budget, Change, Changes, Cursor, Due, DueLook, Fenced, Held, Hold, Lane, Lease, Look, Owner, Settled,
    Store,
};
use capstone_outbox::{Envelope, Message, Seq};

use crate::support::{row, rows};

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
macro_rules! on_each_store {
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
pub(crate) use on_each_store;

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

    pub(crate) fn look_in(&self, lane: Lane, after: i64) -> Look {
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
