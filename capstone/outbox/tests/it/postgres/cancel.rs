//! Dropping an operation at each of its polls leaves no open transaction and no half-done write.

use capstone_outbox::Seq;
use capstone_outbox::message::Ident;
use capstone_outbox::operations::{CommandId, Filter, Operations, Page, Sort, Verb};
use capstone_outbox::postgres::Target;
use capstone_outbox::store::{Budget, Cursor, DueLook, Epoch, Lane, Lease, Look, Owner, Store};
use tokio_postgres::Client;

use super::{connect, database, migrated, open, put};
use crate::cancel::{at_each_poll, flush, is_whole};
use crate::support::{message, ms, numbered};

const PLENTY: Budget = Budget { rows: 100, bytes: 1 << 20 };

/// Returns once nobody else in this database is in a transaction.
async fn nothing_is_open(observer: &Client) {
    let open = "SELECT count(*) FROM pg_stat_activity
                 WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL";
    // A session that was dropped ends when the server sees it: a moment later, or never.
    while observer.query_one(open, &[]).await.unwrap().get::<_, i64>(0) > 0 {
        tokio::time::sleep(ms(1)).await;
    }
}

#[tokio::test]
async fn cancelled_store_operations_leave_the_store_usable() {
    let Some(address) = migrated().await else { return };
    let (store, observer) = (open(&address).await, connect(&address).await);
    put(&address, &[message("k", "1")]).await;
    let (a, b) = (Owner::new("a"), Owner::new("b"));
    let leases = store.acquire(&a, 64, ms(60_000)).await.unwrap();
    let usable = async || {
        nothing_is_open(&observer).await;
        assert_eq!(store.renew(&a, ms(60_000)).await.unwrap().leases, leases);
    };
    let cursors = leases.iter().map(|lease| Cursor { lease: *lease, after: Seq::START }).collect();
    let look = Look { cursors, ..Look::default() };
    at_each_poll!(store.due(&DueLook { lanes: vec![Lane(0)], ..DueLook::default() }, PLENTY), usable());
    at_each_poll!(store.legacy(&[Lane(0)]), usable());
    at_each_poll!(store.status(), usable());
    at_each_poll!(store.explain(), usable());
    at_each_poll!(store.fetch(&look, PLENTY), usable());
    at_each_poll!(store.fetch_spilled(leases[0], "k", Seq(0), Seq(9), PLENTY), usable());
    at_each_poll!(store.renew(&a, ms(60_000)), usable());
    at_each_poll!(store.acquire(&b, 1, ms(60_000)), usable());
    at_each_poll!(store.release(&[Lease { epoch: Epoch(0), ..leases[0] }]), usable());
    at_each_poll!(store.leave(&b), usable());
    at_each_poll!(store.changed(), usable());
    at_each_poll!(store.target().client(), usable());
    at_each_poll!(store.target().examine(), usable());
}

#[tokio::test]
async fn an_operators_cancelled_call_leaves_every_message_where_it_is_or_where_it_is_to_be() {
    let Some(address) = migrated().await else { return };
    let (store, observer) = (open(&address).await, connect(&address).await);
    let all = Filter::default();
    let page = Page::first(Sort::Newest, 9);
    let kill = "WITH dead AS (DELETE FROM outbox RETURNING *)
                INSERT INTO outbox_dead (seq, id, topic, key, headers, payload, created_at, attempts, error)
                SELECT seq, id, topic, key, headers, payload, created_at, 1, 'no' FROM dead";
    put(&address, &[message("k", "1"), message("l", "2")]).await;
    observer.batch_execute(kill).await.unwrap();
    let whole = async || {
        nothing_is_open(&observer).await;
        let status = store.status().await.unwrap();
        assert!(matches!((status.pending, status.dead), (0, 2) | (2, 0)), "{status:?}");
    };
    at_each_poll!(store.dead_letters(&all, page), whole());
    at_each_poll!(store.requeue(&all), whole());
    let (nothing, usable) = (Filter::ALL.key("none"), whole);
    at_each_poll!(store.discard(&nothing), usable());
    at_each_poll!(store.troubled(None, 9), usable());
    at_each_poll!(store.command(&Ident::Key("k".into()), Verb::Retry, "anna"), usable());
    at_each_poll!(Operations::answer(&store, CommandId(1)), usable());
    at_each_poll!(store.pause("anna"), usable());
    at_each_poll!(store.resume(), usable());
}

#[tokio::test]
async fn a_cancelled_flush_is_all_or_nothing() {
    let Some(address) = migrated().await else { return };
    let (store, observer) = (open(&address).await, connect(&address).await);
    let leases = store.acquire(&Owner::new("a"), 64, ms(60_000)).await.unwrap();
    put(&address, &numbered((0..4).map(|n| message("k", &n.to_string())))).await;
    let lane = observer.query_one("SELECT lane FROM outbox LIMIT 1", &[]).await.unwrap().get::<_, i16>(0);
    let lease = *leases.iter().find(|lease| lease.lane.0 == u16::try_from(lane).unwrap()).unwrap();
    let changes = flush(lease);
    let whole = async || {
        nothing_is_open(&observer).await;
        is_whole(&store.status().await.unwrap());
    };
    at_each_poll!(store.settle(&changes), whole());
    assert_eq!(store.status().await.unwrap().held, 2);
}

#[tokio::test]
async fn a_cancelled_migration_is_all_or_nothing() {
    let Some(address) = database().await else { return };
    let observer = connect(&address).await;
    let target = Target::parse(&address).unwrap();
    let whole = async || {
        nothing_is_open(&observer).await;
        let tables = "SELECT count(*) FROM pg_class WHERE relkind = 'r' AND relname LIKE 'outbox%'";
        let tables: i64 = observer.query_one(tables, &[]).await.unwrap().get(0);
        assert!(tables == 0 || tables == 15, "{tables} tables");
    };
    at_each_poll!(target.migrate(), whole());
    assert!(!target.migrate().await.unwrap());
}
