//! Our stores keep the promises that `capstone_outbox::testing` asks of anybody's.

use std::sync::Arc;

use capstone_outbox::memory::MemoryStore;
use capstone_outbox::sqlite::{SqliteStore, enqueue_many};
use capstone_outbox::testing::store::Subject;
use capstone_outbox::{Message, MessageId};
use tempfile::TempDir;

struct Memory(Arc<MemoryStore>);

impl Subject for Memory {
    type Store = MemoryStore;

    fn store(&self) -> &Arc<MemoryStore> {
        &self.0
    }

    async fn enqueue(&self, messages: Vec<Message>) {
        self.0.enqueue(messages);
        tokio::task::yield_now().await;
    }

    async fn dead(&self) -> Vec<MessageId> {
        tokio::task::yield_now().await;
        self.0.buried().iter().map(|dead| dead.envelope.id).collect()
    }
}

struct Sqlite {
    store: Arc<SqliteStore>,
    _folder: TempDir,
}

impl Sqlite {
    fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Arc::new(SqliteStore::open(folder.path().join("a.db")).unwrap());
        Self { store, _folder: folder }
    }
}

impl Subject for Sqlite {
    type Store = SqliteStore;

    fn store(&self) -> &Arc<SqliteStore> {
        &self.store
    }

    async fn enqueue(&self, messages: Vec<Message>) {
        self.store.transaction(move |tx| enqueue_many(tx, &messages).map(drop)).await.unwrap();
    }

    async fn dead(&self) -> Vec<MessageId> {
        ids(&*self.store).await
    }
}

async fn ids(store: &impl capstone_outbox::Operations) -> Vec<MessageId> {
    use capstone_outbox::operations::{Filter, Page, Sort};
    let page = Page::first(Sort::Oldest, 1_000);
    let letters = store.dead_letters(&Filter::default(), page).await.unwrap();
    letters.iter().map(|letter| letter.envelope.id).collect()
}

#[cfg(all(unix, feature = "postgres"))]
mod on_postgres {
    use super::*;
    use capstone_outbox::postgres::{PostgresStore, enqueue_many};

    pub(super) struct Postgres(Arc<PostgresStore>);

    impl Postgres {
        /// `None` where PostgreSQL is missing.
        pub(super) async fn is_there() -> bool {
            crate::postgres::database().await.is_some()
        }

        pub(super) async fn open() -> Self {
            Self(Arc::new(crate::postgres::store().await.expect("PostgreSQL is there")))
        }
    }

    impl Subject for Postgres {
        type Store = PostgresStore;

        fn store(&self) -> &Arc<PostgresStore> {
            &self.0
        }

        async fn enqueue(&self, messages: Vec<Message>) {
            let mut client = self.0.target().client().await.unwrap();
            let tx = client.transaction().await.unwrap();
            enqueue_many(&tx, &messages).await.unwrap();
            tx.commit().await.unwrap();
        }

        async fn dead(&self) -> Vec<MessageId> {
            ids(&*self.0).await
        }
    }
}

/// Each promise is a test of each store.
macro_rules! promises {
    ($($promise:ident),+ $(,)?) => {
        mod memory {
            $(#[tokio::test] async fn $promise() {
                let make = async || super::Memory(super::Arc::default());
                capstone_outbox::testing::store::$promise(make).await;
            })+
        }
        mod memory_with_lanes {
            $(#[tokio::test] async fn $promise() {
                let make = async || super::Memory(super::Arc::new(super::MemoryStore::with_lanes(16)));
                capstone_outbox::testing::store::$promise(make).await;
            })+
        }
        mod sqlite {
            $(#[tokio::test] async fn $promise() {
                capstone_outbox::testing::store::$promise(async || super::Sqlite::open()).await;
            })+
        }
        #[cfg(all(unix, feature = "postgres"))]
        mod postgres {
            use super::on_postgres::Postgres;

            $(#[tokio::test] async fn $promise() {
                if Postgres::is_there().await {
                    capstone_outbox::testing::store::$promise(Postgres::open).await;
                }
            })+
        }
        /// That of which each test is a part.
        const PROMISES: &[&str] = &[$(stringify!($promise)),+];
    };
}

promises!(
    what_comes_is_what_was_enqueued,
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
    a_lane_that_was_not_given_back_is_abandoned,
    starts_are_remembered_until_their_outcome_or_their_row_is_gone,
    a_stale_lease_starts_nothing,
    a_number_that_comes_twice_is_another_row,
    held_rows_leave_the_fetch_and_come_back_when_they_are_due,
    what_is_due_comes_by_its_time_and_within_the_budget,
    a_wait_that_is_longer_than_any_is_over,
    a_key_whose_time_comes_during_a_look_is_due_or_next,
    a_key_goes_on_until_nothing_of_it_is_held,
    rows_that_follow_a_trouble_that_is_over_begin_one,
    a_flush_that_is_dropped_is_whole_or_was_not_made,
    a_relay_delivers_everything_in_order,
);

#[tokio::test]
async fn all_promises_are_these() {
    capstone_outbox::testing::store::all(async || Memory(Arc::default())).await;
    let suite = include_str!("../../src/testing/store/mod.rs");
    let all = suite.split_once("pub async fn all").expect("it runs all").1;
    for promise in PROMISES {
        assert_eq!(all.matches(&format!("{promise}(&make).await")).count(), 1, "{promise}");
    }
    assert_eq!(all.matches("(&make).await").count(), PROMISES.len(), "a promise is no test of ours");
}
