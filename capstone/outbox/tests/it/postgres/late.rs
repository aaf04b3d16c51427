//! Rows that become visible below a cursor that has passed their numbers.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use capstone_outbox::postgres::{PostgresStore, enqueue_many};
use capstone_outbox::store::{Budget, Cursor, Fetched, Lane, Lease, Look, Owner, Store};
use capstone_outbox::{Relay, RelayConfig, RowId, Seq};

use super::{connect, migrated, open, put};
use crate::support::{Scripted, message, ms, numbered, pass, row, rows};

const PLENTY: Budget = Budget { rows: 100, bytes: 1 << 20 };

/// A reader of all lanes, as the relay is.
struct Reader {
    store: PostgresStore,
    leases: Vec<Lease>,
    /// The last row of each lane that has come.
    after: BTreeMap<Lane, Seq>,
    in_memory: Vec<RowId>,
}

impl Reader {
    async fn begin(address: &str) -> Self {
        let store = open(address).await;
        let leases = store.acquire(&Owner::new("a"), 64, ms(60_000)).await.unwrap();
        Self { store, leases, after: BTreeMap::new(), in_memory: vec![] }
    }

    async fn look(&self, budget: Budget) -> Fetched {
        self.look_but(&[], budget).await
    }

    /// Without the late rows of these keys.
    async fn look_but(&self, spilled: &[&str], budget: Budget) -> Fetched {
        let after = |lane| self.after.get(&lane).copied().unwrap_or(Seq::START);
        let cursors = self.leases.iter().map(|lease| Cursor { lease: *lease, after: after(lease.lane) });
        let spilled = spilled.iter().map(|key| (*key).into()).collect();
        let look = Look { cursors: cursors.collect(), in_memory: self.in_memory.clone(), spilled };
        self.store.fetch(&look, budget).await.unwrap()
    }

    /// The numbers of what comes, which is in memory from now on, and behind the cursor.
    async fn next(&mut self, budget: Budget) -> Vec<i64> {
        let fetched = self.look(budget).await;
        let mut numbers: Vec<i64> = fetched.rows.iter().map(|row| row.seq.0).collect();
        self.in_memory.extend(fetched.rows.iter().map(|row| row.row()));
        numbers.sort_unstable();
        for row in fetched.rows {
            let after = self.after.entry(row.lane).or_insert(row.seq);
            *after = row.seq.max(*after);
        }
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

/// Read across the lanes, a lane may have no row yet where others are long past.
#[tokio::test]
async fn a_late_row_is_found_in_a_lane_that_had_none_before() {
    let Some(address) = migrated().await else { return };
    let mut open_one = connect(&address).await;
    let others = (2..=40).map(|n| message(&format!("k{n}"), &n.to_string()));
    let all = numbered(std::iter::once(message("late", "1")).chain(others));
    let open_one = open_one.transaction().await.unwrap();
    enqueue_many(&open_one, &all[..1]).await.unwrap();
    let mut reader = Reader::begin(&address).await;
    let tight = Budget { rows: 10, ..PLENTY };
    let mut come = vec![];
    for part in all[1..].chunks(13) {
        put(&address, part).await;
        for _ in 0..2 {
            come.extend(reader.next(tight).await);
        }
    }
    assert!(come[13..].is_sorted(), "in the order of their numbers: {come:?}");
    come.sort_unstable();
    assert_eq!(come, (2..=40).collect::<Vec<_>>());
    open_one.commit().await.unwrap();
    assert_eq!(reader.next(tight).await, [1]);
    assert_eq!(reader.next(tight).await, [0; 0]);
}

/// The relay asks for rows of a key up to its cursor, and a lane may have been read further.
#[tokio::test]
async fn a_late_row_beyond_the_cursor_comes_also_if_its_key_is_asked_for_by_key() {
    let Some(address) = migrated().await else { return };
    let mut open_one = connect(&address).await;
    let others = (3..=40).map(|n| message(&format!("k{n}"), &n.to_string()));
    let all = numbered([message("k", "1"), message("k", "2")].into_iter().chain(others));
    put(&address, &all[..1]).await;
    let open_one = open_one.transaction().await.unwrap();
    enqueue_many(&open_one, &all[1..2]).await.unwrap();
    let mut reader = Reader::begin(&address).await;
    assert_eq!(reader.next(PLENTY).await, [1]);
    put(&address, &all[2..]).await;
    assert_eq!(reader.next(PLENTY).await.len(), 38);
    let lane = reader.store.fetch_spilled(reader.leases[0], "k", Seq(0), Seq(9), PLENTY).await.unwrap();
    assert_eq!(lane.rows, [], "not visible yet, whatever lane it is in");
    open_one.commit().await.unwrap();
    let (k, mut found) = (reader.look_but(&["k"], PLENTY).await.rows, vec![]);
    for lease in &reader.leases {
        let cursor = reader.after.get(&lease.lane).copied().unwrap_or(Seq::START);
        found.extend(reader.store.fetch_spilled(*lease, "k", Seq(1), cursor, PLENTY).await.unwrap().rows);
    }
    let come: Vec<Seq> = k.iter().chain(&found).map(|row| row.seq).collect();
    assert_eq!(come, [Seq(2)], "in one of both ways");
}

/// What is large is counted before it is sent, and read across the lanes again when it is over.
#[tokio::test]
async fn large_rows_come_within_the_bytes_and_in_their_order() {
    let Some(address) = migrated().await else { return };
    let large = "x".repeat(6_000);
    let payload = |n: i64| if n % 17 == 0 { large.as_str() } else { "small" };
    let all = numbered((1..=120).map(|n| message(&format!("k{}", n % 5), payload(n))));
    put(&address, &all).await;
    let mut reader = Reader::begin(&address).await;
    let (mut of_key, mut looks) = (vec![vec![]; 5], 0);
    while reader.in_memory.len() < 120 {
        looks += 1;
        assert!(looks < 60, "{of_key:?}");
        let budget = Budget { rows: 20, bytes: 10_000 };
        let before = reader.in_memory.len();
        for number in reader.next(budget).await {
            of_key[usize::try_from(number % 5).unwrap()].push(number);
        }
        let brought = reader.in_memory.len() - before;
        assert!(brought <= 20, "{brought}");
    }
    assert!(of_key.iter().all(|numbers| numbers.is_sorted() && numbers.len() == 24), "{of_key:?}");
}

/// It was taken for a look that has found nothing, and what is swept then says nothing of what is ahead.
#[tokio::test]
async fn a_large_row_that_cuts_a_look_is_not_forgotten_when_it_is_time_to_sweep() {
    let Some(address) = migrated().await else { return };
    let payload = |n: i64| if n == 21 { "x".repeat(6_000) } else { "small".to_owned() };
    let all = numbered((1..=21).map(|n| message(&format!("k{n}"), &payload(n))));
    put(&address, &all[..20]).await;
    let mut reader = Reader::begin(&address).await;
    let tight = Budget { rows: 20, bytes: 10_000 };
    while reader.in_memory.len() < 20 {
        reader.next(tight).await;
    }
    assert_eq!(reader.next(tight).await, [0; 0], "from here on all lanes are read as one");
    put(&address, &all[20..]).await;
    pass(Duration::from_secs(120)).await;
    let cut = reader.look(tight).await;
    assert!(cut.rows.is_empty() && cut.more.len() == 64, "{cut:?}");
    assert_eq!(reader.next(tight).await, [21]);
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
    reader.after = reader.leases.iter().map(|lease| (lease.lane, Seq(2))).collect();
    assert_eq!(reader.look_but(&["late"], PLENTY).await.rows, []);
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
    reader.after.clear();
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
