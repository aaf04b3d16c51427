//! Dropping a future at each of its polls leaves no open transaction and no half-done write.

use std::path::Path;
use std::sync::Arc;

use capstone_outbox::memory::MemoryStore;
use capstone_outbox::message::Ident;
use capstone_outbox::operations::{CommandId, Filter, Operations, Page, Sort, Verb};
use capstone_outbox::sqlite::{SqliteStore, enqueue, enqueue_many};
use capstone_outbox::store::{
    Budget, Change, Changes, Cursor, DueLook, Epoch, Fenced, Held, Hold, Lane, Lease, Look, Owner, Status,
    Store,
};
use capstone_outbox::{Relay, RelayConfig, Seq};
use rusqlite::Connection;

use crate::support::{Scripted, cancel_at, message, ms, numbered, row, rows};

const PLENTY: Budget = Budget { rows: 100, bytes: 1 << 20 };

/// Runs `operation` again and again, dropped one poll later each time, until it completes.
macro_rules! at_each_poll {
    ($operation:expr, $check:expr) => {
        let mut polls = 1;
        while crate::support::cancel_at(polls, $operation).await.is_none() {
            $check.await;
            polls += 1;
            assert!(polls < 100, "never completes");
        }
        $check.await;
    };
}
#[cfg(all(unix, feature = "postgres"))]
pub(crate) use at_each_poll;

/// A flush of a bit of everything, for the first four rows of key `k`.
pub(crate) fn flush(lease: Lease) -> Changes {
    let held = Held {
        lane: lease.lane,
        ident: Ident::Key("k".into()),
        head: row(3),
        attempts: 1,
        hold: Hold::Parked,
    };
    let bury = Change::Bury { row: row(2), attempts: 1, error: "no".into() };
    let hold = Change::Hold { held, rows: rows(&[3, 4]), error: "no".into() };
    let fenced = [bury, hold].map(|change| Fenced { lease, change }).into();
    Changes { published: vec![row(1)], fenced }
}

/// Nothing of [`flush`] was done, or all.
#[track_caller]
pub(crate) fn is_whole(status: &Status) {
    let figures = (status.pending, status.held, status.dead, status.keys.len());
    assert!(figures == (4, 0, 0, 0) || figures == (0, 2, 1, 1), "{status:?}");
}

/// Somebody else can write at once.
#[track_caller]
fn nothing_is_open(database: &Path) {
    let other = Connection::open(database).unwrap();
    other.busy_timeout(ms(0)).unwrap();
    other.execute_batch("BEGIN IMMEDIATE; ROLLBACK").unwrap();
}

#[tokio::test]
async fn a_cancelled_transaction_is_all_or_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path().join("a.db")).unwrap();
    store.transaction(|tx| tx.execute_batch("CREATE TABLE orders (n INTEGER)")).await.unwrap();
    let order = || {
        store.transaction(|tx| {
            tx.execute("INSERT INTO orders VALUES (1)", []).unwrap();
            enqueue(tx, &message("k", "1")).map(drop)
        })
    };
    let whole = async || {
        // This one waits behind the dropped one, so whatever was to happen has happened.
        let orders =
            store.transaction(|tx| tx.query_row("SELECT count(*) FROM orders", [], |r| r.get::<_, i64>(0)));
        let orders = u64::try_from(orders.await.unwrap()).unwrap();
        assert_eq!(orders, store.status().await.unwrap().pending, "an order for each message");
    };
    at_each_poll!(order(), whole());
}

#[tokio::test]
async fn cancelled_store_operations_leave_the_store_usable() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let store = SqliteStore::open(&path).unwrap();
    let (a, b) = (Owner::new("a"), Owner::new("b"));
    let lease = store.acquire(&a, 1, ms(8_000)).await.unwrap()[0];
    let usable = async || {
        let put = store.transaction(|tx| enqueue(tx, &message("k", "1")).map(drop)).await;
        put.unwrap();
        assert_eq!(store.renew(&a, ms(8_000)).await.unwrap().leases, [lease]);
        nothing_is_open(&path);
    };
    at_each_poll!(store.due(&DueLook::default(), PLENTY), usable());
    at_each_poll!(store.legacy(&[Lane(0)]), usable());
    at_each_poll!(store.status(), usable());
    let look = Look { cursors: vec![Cursor { lease, after: Seq::START }], ..Look::default() };
    at_each_poll!(store.fetch(&look, PLENTY), usable());
    at_each_poll!(store.fetch_spilled(lease, "k", Seq(0), Seq(9), PLENTY), usable());
    at_each_poll!(store.renew(&a, ms(8_000)), usable());
    let changes = Changes { published: vec![row(1)], fenced: vec![] };
    at_each_poll!(store.settle(&changes), usable());
    at_each_poll!(store.acquire(&b, 1, ms(8_000)), usable());
    at_each_poll!(store.release(&[Lease { epoch: Epoch(0), ..lease }]), usable());
    at_each_poll!(store.leave(&b), usable());
    store.changed().await; // Of the commits until now.
    at_each_poll!(store.changed(), usable());
}

#[tokio::test]
async fn a_cancelled_examination_keeps_nobody_from_writing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let store = SqliteStore::open(&path).unwrap();
    // It goes on without us, and may have the lock just now: whoever writes waits for a moment.
    let usable = async || {
        store.transaction(|tx| enqueue(tx, &message("k", "1")).map(drop)).await.unwrap();
    };
    at_each_poll!(SqliteStore::examine(&path), usable());
}

#[tokio::test]
async fn a_cancelled_flush_is_all_or_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let store = SqliteStore::open(&path).unwrap();
    let lease = store.acquire(&Owner::new("a"), 1, ms(60_000)).await.unwrap()[0];
    let put = |tx: &rusqlite::Savepoint<'_>| {
        numbered((0..4).map(|n| message("k", &n.to_string())))
            .iter()
            .try_for_each(|m| enqueue(tx, m).map(drop))
    };
    store.transaction(put).await.unwrap();
    let changes = flush(lease);
    let whole = async || {
        is_whole(&store.status().await.unwrap());
        nothing_is_open(&path);
    };
    at_each_poll!(store.settle(&changes), whole());
    assert_eq!(store.status().await.unwrap().held, 2);
}

#[tokio::test]
async fn what_is_dropped_in_memory_is_whole_too() {
    let store = MemoryStore::new();
    let (a, b) = (Owner::new("a"), Owner::new("b"));
    let lease = store.acquire(&a, 1, ms(60_000)).await.unwrap()[0];
    assert!(cancel_at(1, store.changed()).await.is_none());
    store.enqueue(numbered((0..4).map(|n| message("k", &n.to_string()))));
    store.changed().await;
    let usable = async || assert_eq!(store.renew(&a, ms(60_000)).await.unwrap().leases, [lease]);
    let look = Look { cursors: vec![Cursor { lease, after: Seq::START }], ..Look::default() };
    at_each_poll!(store.due(&DueLook::default(), PLENTY), usable());
    at_each_poll!(store.fetch(&look, PLENTY), usable());
    at_each_poll!(store.fetch_spilled(lease, "k", Seq(0), Seq(9), PLENTY), usable());
    at_each_poll!(store.renew(&a, ms(60_000)), usable());
    at_each_poll!(store.acquire(&b, 1, ms(60_000)), usable());
    at_each_poll!(store.release(&[Lease { epoch: Epoch(0), ..lease }]), usable());
    at_each_poll!(store.leave(&b), usable());
    let changes = flush(lease);
    let whole = async || assert!([(4, 0), (2, 1)].contains(&(store.waiting(), store.buried().len())));
    at_each_poll!(store.settle(&changes), whole());
    assert_eq!(store.waiting(), 2);
}

#[tokio::test]
async fn an_operators_cancelled_call_leaves_every_message_where_it_is_or_where_it_is_to_be() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path().join("a.db")).unwrap();
    let kill = "INSERT INTO outbox_dead (seq, id, topic, key, headers, payload, created_ms, attempts, error, dead_ms)
                SELECT seq, id, topic, key, headers, payload, created_ms, 1, 'no', created_ms FROM outbox;
                DELETE FROM outbox";
    let messages = [message("k", "1"), message("l", "2")];
    store.transaction(move |tx| enqueue_many(tx, &messages).map(drop)).await.unwrap();
    store.transaction(move |tx| tx.execute_batch(kill)).await.unwrap();
    let whole = async || {
        let status = store.status().await.unwrap();
        assert!(matches!((status.pending, status.dead), (0, 2) | (2, 0)), "{status:?}");
    };
    let (all, page) = (Filter::default(), Page::first(Sort::Newest, 9));
    at_each_poll!(store.dead_letters(&all, page), whole());
    at_each_poll!(store.requeue(&all), whole());
    at_each_poll!(store.discard(&Filter::ALL.key("none")), whole());
    at_each_poll!(store.troubled(None, 9), whole());
    at_each_poll!(store.command(&Ident::Key("k".into()), Verb::Retry, "anna"), whole());
    at_each_poll!(store.answer(CommandId(1)), whole());
    at_each_poll!(store.pause("anna"), whole());
    at_each_poll!(store.resume(), whole());
}

#[tokio::test(start_paused = true)]
async fn a_step_of_the_relay_can_be_dropped_at_each_poll() {
    let store = Arc::new(MemoryStore::new());
    store.enqueue((0..20).map(|n| message("k", &format!("{n:02}"))));
    let sink = Scripted::new(|_, _| (ms(10), Ok(())));
    let mut relay = Relay::new(Arc::clone(&store), Arc::clone(&sink), RelayConfig::default()).unwrap();
    let mut polls = 0;
    while store.waiting() > 0 {
        polls = polls % 3 + 1;
        if let Some(outcome) = cancel_at(polls, relay.step()).await {
            outcome.unwrap();
        }
    }
    let published: Vec<String> = sink.story().iter().map(|line| line[5..7].to_owned()).collect();
    let expected: Vec<String> = (0..20).map(|n| format!("{n:02}")).collect();
    assert_eq!(published, expected, "each once, in order");
}
