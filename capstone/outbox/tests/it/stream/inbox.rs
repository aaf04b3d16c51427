//! A consumer that gets a message twice acts on it once.

use std::sync::Arc;

use capstone_outbox::MessageId;
use capstone_outbox::sqlite::{Inbox, Once, SqliteStore};
use capstone_outbox::stream::Streams;
use rusqlite::Connection;

use super::{Duration, all, orders, publish};
use crate::support::ms;

#[tokio::test]
async fn a_message_that_comes_again_and_again_is_acted_on_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.db");
    let store = Arc::new(SqliteStore::open(&path).unwrap());
    store.transaction(|tx| tx.execute_batch("CREATE TABLE paid (seq INTEGER)")).await.unwrap();
    let stream = Streams::new(Arc::clone(&store)).create(orders()).await.unwrap();
    publish(&stream, &["1", "2", "3"]).await;
    let builder = stream.consumer("billing").backoff([Duration::ZERO]);
    let mut consumer = builder.open().await.unwrap();
    for round in 0..3 {
        for delivery in all(&mut consumer).await {
            let (id, seq) = (delivery.id, delivery.seq.0);
            // ANCHOR: once
            let outcome = store.transaction(move |tx| -> Result<(), String> {
                let text = |error: rusqlite::Error| error.to_string();
                if Inbox::once(tx, "billing", id).map_err(text)? == Once::First {
                    tx.execute("INSERT INTO paid VALUES (?1)", [seq]).map_err(text)?;
                }
                // The first time one of them fails after it has written.
                if round == 0 && seq == 2 { Err("declined".into()) } else { Ok(()) }
            });
            // ANCHOR_END: once
            assert_eq!(outcome.await.is_err(), round == 0 && seq == 2);
            // Killed before the acknowledgement, twice.
            if round < 2 {
                delivery.nak_after(ms(0)).await.unwrap();
            } else {
                delivery.ack().await.unwrap();
            }
        }
    }
    let paid = "SELECT count(*), count(DISTINCT seq) FROM paid";
    let paid: (i64, i64) =
        Connection::open(path).unwrap().query_row(paid, [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    assert_eq!(paid, (3, 3));
}

#[test]
fn each_consumer_sees_for_itself_and_what_is_old_is_forgotten_in_steps() {
    let mut connection = Connection::open_in_memory().unwrap();
    Inbox::create(&connection).unwrap();
    Inbox::create(&connection).unwrap();
    let ids: Vec<MessageId> = (0..5).map(|_| MessageId::generate()).collect();
    let tx = connection.transaction().unwrap();
    for consumer in ["billing", "shipping"] {
        assert_eq!(Inbox::once(&tx, consumer, ids[0]).unwrap(), Once::First);
        assert_eq!(Inbox::once(&tx, consumer, ids[0]).unwrap(), Once::Repeat, "in the same transaction");
    }
    for &id in &ids[1..] {
        Inbox::once(&tx, "billing", id).unwrap();
    }
    tx.commit().unwrap();
    connection
        .execute("UPDATE outbox_inbox SET seen_ms = seen_ms - 60000 WHERE consumer = 'billing'", [])
        .unwrap();
    assert_eq!(Inbox::forget(&connection, Duration::from_secs(30), 3).unwrap(), 3);
    assert_eq!(Inbox::forget(&connection, Duration::from_secs(30), 3).unwrap(), 2);
    let tx = connection.transaction().unwrap();
    assert_eq!(Inbox::once(&tx, "shipping", ids[0]).unwrap(), Once::Repeat);
    assert_eq!(Inbox::once(&tx, "billing", ids[0]).unwrap(), Once::First);
}
