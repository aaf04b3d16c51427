//! Dead letters by the hundred thousand are requeued and deleted in steps, between which others write.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use capstone_outbox::operations::{Filter, Operations};
use capstone_outbox::sqlite::{SqliteStore, configure};
use rusqlite::{Connection, TransactionBehavior};
use tokio::sync::Notify;
use tokio::task::JoinHandle;

const LETTERS: u64 = 100_000;
const ALL: Filter = Filter::ALL;

/// A database that has so many letters, and is written to beside.
trait Crowded {
    type Store: Operations;

    fn store(&self) -> &Self::Store;

    /// Commits rows, one after the other, until `end`. How many letters it saw; a refusal ends it.
    fn write_until(&self, end: Arc<AtomicBool>) -> JoinHandle<BTreeSet<u64>>;
}

/// Dead letters of ten topics, the numbers from 1.
const FILL: &str = "WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 100000)
     INSERT INTO outbox_dead (seq, id, topic, headers, payload, created_ms, attempts, error, dead_ms)
     SELECT n, randomblob(16), 'orders.t' || (n % 10), '{}', x'7b7d', 1, 10, 'no', 1 FROM n";

struct Sqlite {
    store: SqliteStore,
    file: tempfile::NamedTempFile,
}

impl Sqlite {
    async fn open() -> Self {
        let file = tempfile::NamedTempFile::new().unwrap();
        let store = SqliteStore::open(file.path()).unwrap();
        let fill = |tx: &rusqlite::Savepoint<'_>| {
            tx.execute_batch("CREATE TABLE orders (n INTEGER)")?;
            tx.execute_batch(FILL)
        };
        store.transaction(fill).await.unwrap();
        Self { store, file }
    }
}

impl Crowded for Sqlite {
    type Store = SqliteStore;

    fn store(&self) -> &SqliteStore {
        &self.store
    }

    fn write_until(&self, end: Arc<AtomicBool>) -> JoinHandle<BTreeSet<u64>> {
        let mut connection = Connection::open(self.file.path()).unwrap();
        configure(&mut connection).unwrap();
        tokio::task::spawn_blocking(move || {
            let mut seen = BTreeSet::new();
            while !end.load(Ordering::Relaxed) {
                let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate).unwrap();
                tx.execute("INSERT INTO orders VALUES (1)", []).unwrap();
                let left = tx.query_row("SELECT count(*) FROM outbox_dead", [], |row| row.get::<_, u32>(0));
                seen.insert(left.unwrap().into());
                tx.commit().unwrap();
            }
            seen
        })
    }
}

#[cfg(all(unix, feature = "postgres"))]
mod postgres {
    use super::*;
    use capstone_outbox::postgres::PostgresStore;

    const FILL: &str = r"CREATE TABLE orders (n bigint);
     INSERT INTO outbox_dead (seq, id, topic, headers, payload, created_at, attempts, error, dead_at)
     SELECT n, gen_random_uuid(), 'orders.t' || (n % 10), '{}', '\x7b7d', now(), 10, 'no', now()
       FROM generate_series(1, 100000) AS n";

    pub(super) struct Postgres {
        store: PostgresStore,
        address: String,
    }

    impl Postgres {
        pub(super) async fn open() -> Option<Self> {
            let address = crate::postgres::migrated().await?;
            crate::postgres::connect(&address).await.batch_execute(FILL).await.unwrap();
            Some(Self { store: crate::postgres::open(&address).await, address })
        }
    }

    impl Crowded for Postgres {
        type Store = PostgresStore;

        fn store(&self) -> &PostgresStore {
            &self.store
        }

        fn write_until(&self, end: Arc<AtomicBool>) -> JoinHandle<BTreeSet<u64>> {
            let address = self.address.clone();
            tokio::spawn(async move {
                let mut client = crate::postgres::connect(&address).await;
                let mut seen = BTreeSet::new();
                while !end.load(Ordering::Relaxed) {
                    let tx = client.transaction().await.unwrap();
                    tx.execute("INSERT INTO orders VALUES (1)", &[]).await.unwrap();
                    let left = tx.query_one("SELECT count(*) FROM outbox_dead", &[]).await.unwrap();
                    seen.insert(u64::try_from(left.get::<_, i64>(0)).unwrap());
                    tx.commit().await.unwrap();
                }
                seen
            })
        }
    }
}

macro_rules! on_each_store {
    ($($test:ident),+ $(,)?) => {
        mod on_sqlite {
            $(#[tokio::test(flavor = "multi_thread")] async fn $test() {
                super::$test(super::Sqlite::open().await).await;
            })+
        }
        #[cfg(all(unix, feature = "postgres"))]
        mod on_postgres {
            $(#[tokio::test(flavor = "multi_thread")] async fn $test() {
                let Some(place) = super::postgres::Postgres::open().await else { return };
                super::$test(place).await;
            })+
        }
    };
}

on_each_store!(
    others_write_while_all_letters_are_deleted,
    others_write_while_the_letters_of_a_topic_are_requeued,
    what_was_stopped_is_done_by_the_next,
    those_of_a_topic_are_found_among_the_others,
);

/// Others are not refused, and come in between: they see more counts than the first and the last.
async fn in_between(place: &impl Crowded, operation: impl Future<Output = ()>) {
    let end = Arc::new(AtomicBool::new(false));
    let writing = place.write_until(Arc::clone(&end));
    operation.await;
    end.store(true, Ordering::Relaxed);
    let seen = writing.await.unwrap();
    assert!(seen.len() > 4, "{seen:?}");
}

async fn others_write_while_all_letters_are_deleted(place: impl Crowded) {
    in_between(&place, async {
        assert_eq!(place.store().discard(&ALL).await.unwrap(), LETTERS);
    })
    .await;
}

async fn others_write_while_the_letters_of_a_topic_are_requeued(place: impl Crowded) {
    let topic = Filter::ALL.topic("orders.t3");
    in_between(&place, async {
        assert_eq!(place.store().requeue(&topic).await.unwrap().count, LETTERS / 10);
    })
    .await;
}

async fn what_was_stopped_is_done_by_the_next(place: impl Crowded) {
    let (is_begun, told) = (Notify::new(), Mutex::new(0));
    let tell = |count| {
        *told.lock().unwrap() = count;
        if count > 0 {
            is_begun.notify_one();
        }
    };
    tokio::select! {
        _ = place.store().discard_telling(&ALL, &tell) => panic!("in many steps"),
        () = is_begun.notified() => {}
    }
    let told = *told.lock().unwrap();
    assert!(0 < told && told < LETTERS, "{told}");
    let rest = place.store().discard(&ALL).await.unwrap();
    // The step that was under way was done, or not.
    assert!(0 < rest && rest <= LETTERS - told, "{rest} and {told}");
    assert_eq!(place.store().discard(&ALL).await.unwrap(), 0);
}

async fn those_of_a_topic_are_found_among_the_others(place: impl Crowded) {
    let topic = Filter::ALL.topic("orders.t3");
    assert_eq!(place.store().discard(&topic).await.unwrap(), LETTERS / 10);
    assert_eq!(place.store().requeue(&topic).await.unwrap().count, 0);
    assert_eq!(place.store().discard(&ALL).await.unwrap(), LETTERS / 10 * 9);
}
