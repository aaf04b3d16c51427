//! Enqueue in the caller's own transaction: within a key, numbers grow in commit order.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use capstone_outbox::postgres::{enqueue, enqueue_many};
use capstone_outbox::{Enqueued, Message, MessageId, Seq};
use futures::future::join_all;
use tokio::time::timeout;
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, IsolationLevel, Transaction};

use super::{connect, migrated, somebody_waits};
use crate::support::{cancel_at, message, ms};

pub(super) async fn payloads(client: &Client) -> Vec<String> {
    let rows = client.query("SELECT payload FROM outbox ORDER BY seq", &[]).await.unwrap();
    rows.iter().map(|row| String::from_utf8(row.get(0)).unwrap()).collect()
}

#[tokio::test]
async fn a_message_becomes_a_row_with_the_transaction_or_not_at_all() {
    let Some(address) = migrated().await else { return };
    let mut client = connect(&address).await;
    let tx = client.transaction().await.unwrap();
    let with_header = message("k", "rolled back").with_header("a", "nul \0 and \"quotes\"");
    assert_eq!(enqueue(&tx, &with_header).await.unwrap(), Enqueued::New(Seq(1)));
    tx.rollback().await.unwrap();
    let tx = client.transaction().await.unwrap();
    assert_eq!(enqueue(&tx, &with_header).await.unwrap(), Enqueued::New(Seq(2)));
    tx.commit().await.unwrap();
    let row = client.query_one("SELECT topic, key, headers::text, payload FROM outbox", &[]).await.unwrap();
    let headers: String = row.get(2);
    assert_eq!((row.get(0), row.get(1), row.get(3)), ("orders.created", "k", &b"rolled back"[..]));
    assert_eq!(headers, r#"{"a":"nul \u0000 and \"quotes\""}"#);
}

#[tokio::test]
async fn the_same_id_is_skipped_while_it_is_pending_or_dead() {
    let Some(address) = migrated().await else { return };
    let mut client = connect(&address).await;
    let again = message("k", "1").with_id(MessageId::generate());
    let batch = [again.clone(), message("", "2"), again.clone()];
    let tx = client.transaction().await.unwrap();
    let enqueued = enqueue_many(&tx, &batch).await.unwrap();
    assert!(
        matches!(enqueued[..], [Enqueued::New(a), Enqueued::New(b), Enqueued::Skipped] if a < b),
        "{enqueued:?}"
    );
    assert_eq!(enqueue(&tx, &again).await.unwrap(), Enqueued::Skipped);
    tx.batch_execute(
        "INSERT INTO outbox_dead (seq, id, topic, key, headers, payload, created_at, attempts, error)
         SELECT seq, id, topic, key, headers, payload, created_at, 1, 'no' FROM outbox; DELETE FROM outbox",
    )
    .await
    .unwrap();
    assert_eq!(enqueue(&tx, &again).await.unwrap(), Enqueued::Skipped);
}

#[tokio::test]
async fn a_transaction_that_stays_open_delays_its_own_key_only() {
    let Some(address) = migrated().await else { return };
    let (mut slow, mut same_key, mut other_key) =
        (connect(&address).await, connect(&address).await, connect(&address).await);
    let open = slow.transaction().await.unwrap();
    enqueue(&open, &message("k", "first")).await.unwrap();

    let second = tokio::spawn(async move {
        let tx = same_key.transaction().await.unwrap();
        enqueue(&tx, &message("k", "second")).await.unwrap();
        tx.commit().await.unwrap();
    });
    somebody_waits(&connect(&address).await).await;
    let tx = other_key.transaction().await.unwrap();
    let others = [message("other", "other key"), message("", "no key")];
    timeout(ms(60_000), enqueue_many(&tx, &others)).await.expect("it does not wait").unwrap();
    tx.commit().await.unwrap();
    assert_eq!(payloads(&other_key).await, ["other key", "no key"]);

    open.commit().await.unwrap();
    second.await.unwrap();
    assert_eq!(payloads(&other_key).await, ["first", "other key", "no key", "second"]);
}

#[tokio::test]
async fn a_deadlock_is_retryable() {
    let Some(address) = migrated().await else { return };
    let (mut a, mut b) = (connect(&address).await, connect(&address).await);
    b.batch_execute("SET deadlock_timeout = '10ms'").await.unwrap();
    let (a, b) = (a.transaction().await.unwrap(), b.transaction().await.unwrap());
    enqueue(&a, &message("x", "1")).await.unwrap();
    enqueue(&b, &message("y", "2")).await.unwrap();
    // One call each, with all keys in it, would have been taken in one order.
    let crossed = async {
        let outcome = enqueue(&a, &message("y", "3")).await;
        a.commit().await.unwrap();
        outcome
    };
    let (of_a, of_b) = tokio::join!(crossed, async {
        somebody_waits(&connect(&address).await).await;
        let outcome = enqueue(&b, &message("x", "4")).await;
        b.rollback().await.unwrap();
        outcome
    });
    of_a.unwrap();
    let error = of_b.unwrap_err();
    assert!(error.is_retryable(), "{error}");
    assert!(error.to_string().ends_with(": deadlock detected (40P01)"), "{error}");
}

#[tokio::test]
async fn batches_of_the_same_keys_never_deadlock() {
    let Some(address) = migrated().await else { return };
    let writers = (0..8).map(|writer| {
        let address = address.clone();
        tokio::spawn(async move {
            let mut random = fastrand::Rng::with_seed(writer);
            let mut client = connect(&address).await;
            for _ in 0..25 {
                let mut batch: Vec<Message> = (0..10).map(|n| message(&format!("k{n}"), "x")).collect();
                random.shuffle(&mut batch);
                let tx = client.transaction().await.unwrap();
                enqueue_many(&tx, &batch).await.unwrap();
                tx.commit().await.unwrap();
            }
        })
    });
    join_all(writers).await.into_iter().for_each(|writer| writer.unwrap());
}

/// The property: sorted by number, the stamps of a key, taken while its lock was held, grow.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn numbers_of_a_key_grow_in_commit_order() {
    let Some(address) = migrated().await else { return };
    connect(&address).await.batch_execute("CREATE TABLE stamps (id text, stamp bigint)").await.unwrap();
    for (seed, isolation) in
        [IsolationLevel::ReadCommitted, IsolationLevel::RepeatableRead, IsolationLevel::Serializable]
            .into_iter()
            .enumerate()
    {
        let stamps = Arc::new(AtomicU64::new(0));
        let writers = (0..8).map(|writer| {
            tokio::spawn(write(address.clone(), isolation, (seed * 100 + writer) as u64, Arc::clone(&stamps)))
        });
        let committed: usize = join_all(writers).await.into_iter().map(Result::unwrap).sum();
        assert!(committed > 0, "{isolation:?}: all were in each other's way");

        let client = connect(&address).await;
        // A row's seq against the next one's, per key: `stamp` was taken between the enqueue and the commit.
        let reordered = "SELECT count(*) FROM (SELECT stamp, lag(stamp) OVER (PARTITION BY key ORDER BY seq) AS before
                           FROM outbox JOIN stamps ON outbox.id::text = stamps.id) AS pairs WHERE stamp < before";
        let rows = "SELECT count(*) FROM outbox JOIN stamps ON outbox.id::text = stamps.id";
        let rows: i64 = client.query_one(rows, &[]).await.unwrap().get(0);
        assert_eq!(usize::try_from(rows), Ok(committed));
        assert_eq!(client.query_one(reordered, &[]).await.unwrap().get::<_, i64>(0), 0, "{isolation:?}");
        client.batch_execute("TRUNCATE outbox; TRUNCATE stamps").await.unwrap();
    }
}

/// Some transactions with pauses between the enqueue and the commit, a part of them rolled back. How many rows it committed.
async fn write(address: String, isolation: IsolationLevel, seed: u64, stamps: Arc<AtomicU64>) -> usize {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut client = connect(&address).await;
    let mut committed = 0;
    for _ in 0..40 {
        let batch: Vec<Message> = (0..random.usize(1..4))
            .map(|_| {
                let id = MessageId::generate();
                message(&format!("k{}", random.u32(0..4)), &id.to_string()).with_id(id)
            })
            .collect();
        let tx = client.build_transaction().isolation_level(isolation).start().await.unwrap();
        // Fixes the snapshot of the stricter levels before the lock is there: the hard case.
        tx.query("SELECT 1 FROM outbox LIMIT 1", &[]).await.unwrap();
        if let Err(error) = written(&tx, &batch, &stamps).await {
            assert_eq!(error.code(), Some(&SqlState::T_R_SERIALIZATION_FAILURE), "{error:?}");
            continue;
        }
        if random.u32(0..4) == 0 {
            tokio::time::sleep(ms(random.u64(0..5))).await;
        }
        if random.u32(0..5) == 0 {
            tx.rollback().await.unwrap();
        } else if tx.commit().await.is_ok() {
            committed += batch.len();
        }
    }
    committed
}

async fn written(
    tx: &Transaction<'_>,
    batch: &[Message],
    stamps: &AtomicU64,
) -> Result<(), tokio_postgres::Error> {
    enqueue_many(tx, batch).await?;
    for row in batch {
        let stamp = i64::try_from(stamps.fetch_add(1, Ordering::Relaxed)).unwrap();
        tx.execute("INSERT INTO stamps VALUES ($1, $2)", &[&row.id().to_string(), &stamp]).await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_cancelled_enqueue_leaves_a_transaction_that_can_be_rolled_back() {
    let Some(address) = migrated().await else { return };
    let mut client = connect(&address).await;
    let mut polls = 1;
    loop {
        let tx = client.transaction().await.unwrap();
        let outcome = cancel_at(polls, enqueue(&tx, &message("k", "1"))).await;
        tx.rollback().await.unwrap();
        assert_eq!(payloads(&client).await, [""; 0]);
        if outcome.is_some() {
            break;
        }
        polls += 1;
    }
    assert!(polls > 1);
}
