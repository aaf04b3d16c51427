//! Rows that become visible below a cursor that has passed their numbers.

use std::sync::Arc;

use capstone_outbox::postgres::{PostgresStore, enqueue_many};
use capstone_outbox::store::{Budget, Cursor, Fetched, Lease, Look, Owner, Store};
use capstone_outbox::{Relay, RelayConfig, RowId, Seq};

use super::{connect, migrated, open, put};
use crate::support::{Scripted, message, ms, numbered, row, rows};

const PLENTY: Budget = Budget { rows: 100, bytes: 1 << 20 };

/// A reader of all lanes, as the relay is.
struct Reader {
    store: PostgresStore,
    leases: Vec<Lease>,
    after: Seq,
    in_memory: Vec<RowId>,
}

impl Reader {
    async fn begin(address: &str) -> Self {
        let store = open(address).await;
        let leases = store.acquire(&Owner::new("a"), 64, ms(60_000)).await.unwrap();
        Self { store, leases, after: Seq::START, in_memory: vec![] }
    }

    async fn look(&self, budget: Budget) -> Fetched {
        let cursors = self.leases.iter().map(|lease| Cursor { lease: *lease, after: self.after });
        let look = Look { cursors: cursors.collect(), in_memory: self.in_memory.clone(), spilled: vec![] };
        self.store.fetch(&look, budget).await.unwrap()
    }

    /// The numbers of what comes, which is in memory from now on, and behind the cursor.
    async fn next(&mut self, budget: Budget) -> Vec<i64> {
        let fetched = self.look(budget).await;
        let mut numbers: Vec<i64> = fetched.rows.iter().map(|row| row.seq.0).collect();
        self.in_memory.extend(fetched.rows.iter().map(|row| row.row()));
        numbers.sort_unstable();
        self.after = numbers.iter().copied().map(Seq).fold(self.after, Seq::max);
        numbers
    }
}

#[tokio::test]
async fn a_row_of_a_transaction_that_was_open_is_found_when_it_commits_and_once() {
    let Some(address) = migrated().await else { return };
    let mut open_one = connect(&address).await;
    let all = numbered([message("late", "1"), message("other", "2"), message("other", "3")]);
    let open_one = open_one.transaction().await.unwrap();
    enqueue_many(&open_one, &all[..1]).await.unwrap();
    put(&address, &all[1..2]).await;
    let mut reader = Reader::begin(&address).await;
    assert_eq!(reader.next(PLENTY).await, [2]);
    assert_eq!(reader.next(PLENTY).await, [0; 0]);
    open_one.commit().await.unwrap();
    put(&address, &all[2..]).await;
    assert_eq!(reader.next(PLENTY).await, [1, 3], "below the cursor, and behind it");
    reader.in_memory.clear();
    assert_eq!(reader.next(PLENTY).await, [0; 0], "it has been brought, and was not forgotten by the relay");
}

#[tokio::test]
async fn more_late_rows_than_fit_come_in_their_order() {
    let Some(address) = migrated().await else { return };
    let mut open_one = connect(&address).await;
    let late = numbered((1..=20).map(|n| message(&format!("k{}", n % 3), &n.to_string())));
    let open_one = open_one.transaction().await.unwrap();
    enqueue_many(&open_one, &late).await.unwrap();
    let last = message("other", "21").with_id(row(21).id);
    put(&address, &[last]).await;
    let mut reader = Reader::begin(&address).await;
    assert_eq!(reader.next(PLENTY).await, [21]);
    open_one.commit().await.unwrap();
    let mut of_key: Vec<Vec<i64>> = vec![vec![]; 3];
    let mut looks = 0;
    while reader.in_memory.len() < 21 {
        looks += 1;
        for number in reader.next(Budget { rows: 7, ..PLENTY }).await {
            of_key[usize::try_from(number % 3).unwrap()].push(number);
        }
    }
    assert!(looks == 3 && of_key.iter().all(|numbers| numbers.is_sorted()), "{looks} {of_key:?}");
}

/// The table takes any number, and what waits there would wait for ever.
#[tokio::test]
async fn rows_with_numbers_below_one_are_found_ahead_and_below() {
    let Some(address) = migrated().await else { return };
    let client = connect(&address).await;
    let insert = "INSERT INTO outbox (seq, id, topic, key, payload) OVERRIDING SYSTEM VALUE
                  SELECT seq, gen_random_uuid(), 'orders.created', 'k', '' FROM unnest(ARRAY[-9, 0, 3]) AS seq";
    client.batch_execute(insert).await.unwrap();
    let mut reader = Reader::begin(&address).await;
    assert_eq!(reader.next(Budget { rows: 1_000, ..PLENTY }).await, [-9, 0, 3]);
    let mut open_one = connect(&address).await;
    let open_one = open_one.transaction().await.unwrap();
    let late = insert.replace("[-9, 0, 3]", "(SELECT array_agg(n) FROM generate_series(-8, -1) AS n)");
    open_one.batch_execute(&late).await.unwrap();
    assert_eq!(reader.next(PLENTY).await, [0; 0]);
    open_one.commit().await.unwrap();
    let some = Budget { rows: 5, ..PLENTY };
    assert_eq!(reader.next(some).await, [-8, -7, -6, -5, -4], "more than fit, in their order");
    assert_eq!(reader.next(some).await, [-3, -2, -1]);
}

/// It is no news to the next look, so the relay asks for it by key.
#[tokio::test]
async fn a_late_row_that_a_look_was_told_to_leave_out_comes_by_key_alone() {
    let Some(address) = migrated().await else { return };
    let mut open_one = connect(&address).await;
    let all = numbered([message("late", "1"), message("other", "2")]);
    let open_one = open_one.transaction().await.unwrap();
    enqueue_many(&open_one, &all[..1]).await.unwrap();
    put(&address, &all[1..]).await;
    let mut reader = Reader::begin(&address).await;
    assert_eq!(reader.next(PLENTY).await, [2]);
    open_one.commit().await.unwrap();
    let cursors = reader.leases.iter().map(|lease| Cursor { lease: *lease, after: Seq(2) }).collect();
    let look = Look { cursors, in_memory: rows(&[2]), spilled: vec!["late".into()] };
    assert_eq!(reader.store.fetch(&look, PLENTY).await.unwrap().rows, []);
    assert_eq!(reader.next(PLENTY).await, [0; 0]);
    let mut found = Vec::new();
    for lease in &reader.leases {
        let fetched = reader.store.fetch_spilled(*lease, "late", Seq(0), Seq(2), PLENTY).await.unwrap();
        found.extend(fetched.rows.iter().map(|row| row.seq.0));
    }
    assert_eq!(found, [1]);
}

/// Another server may have taken over, which lacks transactions and gives their numbers out again.
#[tokio::test]
async fn a_session_that_is_lost_takes_what_was_seen_with_it() {
    let Some(address) = migrated().await else { return };
    put(&address, &numbered([message("k", "1")])).await;
    let mut reader = Reader::begin(&address).await;
    assert_eq!(reader.next(PLENTY).await, [1]);
    let kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                 WHERE datname = current_database() AND pid <> pg_backend_pid()";
    connect(&address).await.execute(kill, &[]).await.unwrap();
    let cursors = vec![Cursor { lease: reader.leases[0], after: Seq(1) }];
    let look = Look { cursors, ..Look::default() };
    let fetched = loop {
        // The first one meets the session that is gone.
        if let Ok(fetched) = reader.store.fetch(&look, PLENTY).await {
            break fetched;
        }
    };
    assert!(fetched.is_void && fetched.rows.is_empty());
    reader.after = Seq::START;
    reader.in_memory.clear();
    assert_eq!(reader.next(PLENTY).await, [1], "from the beginning");
}

/// `setval`, a failover and `TRUNCATE … RESTART IDENTITY` give a number a second time.
#[tokio::test]
async fn numbers_that_come_again_below_the_cursor_are_other_rows() {
    let Some(address) = migrated().await else { return };
    put(&address, &numbered([message("k", "1"), message("k", "2")])).await;
    let mut reader = Reader::begin(&address).await;
    assert_eq!(reader.next(PLENTY).await, [1, 2]);
    connect(&address).await.batch_execute("TRUNCATE outbox RESTART IDENTITY").await.unwrap();
    let again = message("k", "new").with_id(row(9).id);
    put(&address, &[again]).await;
    assert_eq!(reader.in_memory, rows(&[1, 2]), "of before");
    let fetched = reader.look(PLENTY).await;
    assert_eq!(fetched.rows.iter().map(|row| (row.seq, row.id)).collect::<Vec<_>>(), [(Seq(1), row(9).id)]);
}

/// The whole relay: a backlog beside a transaction that stays open is carried as fast as without.
#[tokio::test]
async fn a_relay_carries_on_beside_an_open_transaction_and_then_its_rows() {
    let Some(address) = migrated().await else { return };
    let mut open_one = connect(&address).await;
    let open_one = open_one.transaction().await.unwrap();
    enqueue_many(&open_one, &[message("late", "late")]).await.unwrap();
    for round in 0..5 {
        put(&address, &(0..100).map(|n| message(&format!("k{n}"), &round.to_string())).collect::<Vec<_>>())
            .await;
    }
    let sink = Scripted::new(|_, _| (ms(0), Ok(())));
    let config = RelayConfig::default().idle_poll(ms(100));
    let mut relay = Relay::new(Arc::new(open(&address).await), Arc::clone(&sink), config).unwrap();
    let story = async {
        while sink.story().len() < 500 {
            tokio::time::sleep(ms(5)).await;
        }
        open_one.commit().await.unwrap();
        while sink.story().len() < 501 {
            tokio::time::sleep(ms(5)).await;
        }
    };
    relay.run(story).await.unwrap();
    assert!(sink.story()[500].ends_with("late ok"));
}
