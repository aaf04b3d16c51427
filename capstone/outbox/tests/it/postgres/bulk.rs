//! Loads of many keys, which lock whole lanes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use capstone_outbox::postgres::{enqueue, enqueue_bulk, enqueue_many};
use capstone_outbox::{Message, OutboxBatch};
use futures::future::join_all;
use tokio::time::timeout;

use super::{connect, migrated, somebody_waits};
use crate::support::{message, ms};

/// A message for each of a thousand keys.
fn thousand() -> Vec<Message> {
    (0..1_000).map(|n| message(&format!("k{n}"), "bulk")).collect()
}

#[tokio::test]
async fn more_keys_than_locks_lock_their_lanes() {
    let Some(address) = migrated().await else { return };
    let (mut bulk, mut single, observer) =
        (connect(&address).await, connect(&address).await, connect(&address).await);
    let mut batch = OutboxBatch::new();
    batch.extend((0..20_000).map(|n| message(&format!("k{n}"), &format!("bulk {n}"))));
    batch.push(message("k7", "bulk again"));
    let tx = bulk.transaction().await.unwrap();
    enqueue_many(&tx, &batch).await.unwrap();
    let locks = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = 4711 AND mode = 'ExclusiveLock'
                    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    assert_eq!(observer.query_one(locks, &[]).await.unwrap().get::<_, i64>(0), 64);

    let later = tokio::spawn(async move {
        let tx = single.transaction().await.unwrap();
        enqueue(&tx, &message("k7", "single")).await.unwrap();
        tx.commit().await.unwrap();
    });
    somebody_waits(&observer).await;
    tx.commit().await.unwrap();
    later.await.unwrap();
    let of_key = "SELECT convert_from(payload, 'UTF8') FROM outbox WHERE key = 'k7' ORDER BY seq";
    let rows = observer.query(of_key, &[]).await.unwrap();
    let rows: Vec<&str> = rows.iter().map(|row| row.get(0)).collect();
    assert_eq!(rows, ["bulk 7", "bulk again", "single"]);
}

#[tokio::test]
async fn a_bulk_load_that_waits_for_one_key_holds_up_no_other() {
    let Some(address) = migrated().await else { return };
    let (mut slow, mut bulk, mut other, observer) =
        (connect(&address).await, connect(&address).await, connect(&address).await, connect(&address).await);
    let open = slow.transaction().await.unwrap();
    enqueue(&open, &message("k7", "first")).await.unwrap();
    let loading = tokio::spawn(async move {
        let tx = bulk.transaction().await.unwrap();
        tx.batch_execute("SET LOCAL lock_timeout = '10min'").await.unwrap();
        enqueue_bulk(&tx, &thousand()).await.unwrap();
        let timeout = tx.query_one("SHOW lock_timeout", &[]).await.unwrap().get::<_, String>(0);
        tx.commit().await.unwrap();
        timeout
    });
    // It waits for the lane, and has given back what it had.
    let waits = "SELECT count(*) FILTER (WHERE NOT granted), count(*) FILTER (WHERE granted) FROM pg_locks
                  WHERE locktype = 'advisory' AND classid = 4711 AND mode = 'ExclusiveLock'
                    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    let alone = async {
        loop {
            let row = observer.query_one(waits, &[]).await.unwrap();
            if (row.get(0), row.get(1)) == (1_i64, 0_i64) {
                break;
            }
        }
    };
    timeout(ms(60_000), alone).await.expect("it keeps no lane");
    let unrelated = "SELECT 'k' || n FROM generate_series(0, 999) AS n
                      WHERE (hashtextextended('k' || n, 0) & 63) <> (hashtextextended('k7', 0) & 63)";
    let unrelated = observer.query(unrelated, &[]).await.unwrap();
    assert!(unrelated.len() > 900);
    for row in &unrelated {
        let tx = other.transaction().await.unwrap();
        let single = message(row.get(0), "single");
        timeout(ms(60_000), enqueue(&tx, &single)).await.expect("it does not wait").unwrap();
        tx.commit().await.unwrap();
    }
    open.commit().await.unwrap();
    assert_eq!(loading.await.unwrap(), "10min", "the caller's own again");
    let of_key = "SELECT convert_from(payload, 'UTF8') FROM outbox WHERE key = 'k7' ORDER BY seq";
    let rows = observer.query(of_key, &[]).await.unwrap();
    assert_eq!(rows.iter().map(|row| row.get(0)).collect::<Vec<&str>>(), ["first", "bulk"]);
}

#[tokio::test]
async fn a_bulk_load_waits_as_long_as_its_caller_would() {
    let Some(address) = migrated().await else { return };
    let (mut slow, mut bulk) = (connect(&address).await, connect(&address).await);
    let open = slow.transaction().await.unwrap();
    enqueue(&open, &message("k7", "first")).await.unwrap();
    let tx = bulk.transaction().await.unwrap();
    tx.batch_execute("SET LOCAL lock_timeout = '30ms'").await.unwrap();
    let error = enqueue_bulk(&tx, &[message("k7", "bulk"), message("", "no key")]).await.unwrap_err();
    assert!(error.is_retryable() && error.to_string().contains("lock timeout (55P03)"), "{error}");
    tx.rollback().await.unwrap();
    let tx = bulk.transaction().await.unwrap();
    enqueue_bulk(&tx, &[message("", "no key")]).await.unwrap();
    tx.commit().await.unwrap();
}

/// Bulk loads among short transactions on all lanes, and other bulk loads in the other order of keys.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bulk_loads_come_to_their_end_among_many_others() {
    let Some(address) = migrated().await else { return };
    let done = Arc::new(AtomicBool::new(false));
    let singles = (0..8).map(|writer| {
        let (address, done) = (address.clone(), Arc::clone(&done));
        tokio::spawn(async move {
            let mut random = fastrand::Rng::with_seed(writer);
            let mut client = connect(&address).await;
            let mut committed = 0;
            while !done.load(Ordering::Relaxed) {
                let tx = client.transaction().await.unwrap();
                enqueue(&tx, &message(&format!("k{}", random.u32(0..1_000)), "single")).await.unwrap();
                tx.commit().await.unwrap();
                committed += 1;
            }
            committed
        })
    });
    let singles: Vec<_> = singles.collect();
    let bulks = (0..3).map(|_| {
        let address = address.clone();
        tokio::spawn(async move {
            let mut client = connect(&address).await;
            for _ in 0..5 {
                let tx = client.transaction().await.unwrap();
                enqueue_bulk(&tx, &thousand()).await.unwrap();
                tx.commit().await.unwrap();
            }
        })
    });
    for bulk in join_all(bulks).await {
        bulk.unwrap();
    }
    done.store(true, Ordering::Relaxed);
    let committed: usize = join_all(singles).await.into_iter().map(Result::unwrap).sum();
    assert!(committed > 0);
    let rows: i64 =
        connect(&address).await.query_one("SELECT count(*) FROM outbox", &[]).await.unwrap().get(0);
    assert_eq!(usize::try_from(rows), Ok(15_000 + committed));
}
