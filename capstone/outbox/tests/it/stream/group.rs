//! Publishers of one process share commits on PostgreSQL, and nothing else.

use std::sync::Arc;

use capstone_outbox::stream::{Start, Stream, Streams};
use futures::future::join_all;
use tokio_postgres::Client;

use super::{on, orders, text};
use crate::postgres::{connect, migrated};
use crate::support::cancel_at;

async fn stream() -> Option<(Stream, Client)> {
    let address = migrated().await?;
    let store = Arc::new(crate::postgres::open(&address).await);
    let stream = Streams::new(store).create(orders()).await.unwrap();
    Some((stream, connect(&address).await))
}

async fn content(stream: &Stream) -> Vec<String> {
    let mut reader = stream.read(Start::First);
    let mut content = Vec::new();
    while let Some(record) = reader.try_next().await.unwrap() {
        content.push(text(&record.message.payload));
    }
    content
}

/// How many transactions the messages were written by.
async fn commits(client: &Client) -> i64 {
    let commits = "SELECT count(DISTINCT xmin::text) FROM outbox_stream_message";
    client.query_one(commits, &[]).await.unwrap().get(0)
}

#[tokio::test]
async fn callers_that_wait_share_commits_and_each_keeps_its_order() {
    let Some((stream, client)) = stream().await else { return };
    let callers = (0..64).map(|caller| {
        let stream = stream.clone();
        async move {
            let mut last = 0;
            for n in 0..10 {
                let ack = stream.publish(on("a", &format!("{caller} {n}"))).await.unwrap();
                assert!(ack.seq.0 > last && !ack.is_duplicate);
                last = ack.seq.0;
            }
        }
    });
    join_all(callers).await;
    let content = content(&stream).await;
    assert_eq!(content.len(), 640);
    for caller in 0..64 {
        let expected: Vec<String> = (0..10).map(|n| format!("{caller} {n}")).collect();
        let own: Vec<&String> =
            content.iter().filter(|line| line.split(' ').next() == Some(&caller.to_string())).collect();
        assert_eq!(own, expected.iter().collect::<Vec<_>>());
    }
    let commits = commits(&client).await;
    assert!(commits <= 640 / 5, "{commits} commits");
}

#[tokio::test]
async fn each_is_answered_for_its_own_messages() {
    let Some((stream, _client)) = stream().await else { return };
    let twice = on("a", "twice");
    let batches = (0..20).map(|n| {
        let mut batch = vec![on("a", &format!("{n} 0")), on("a", &format!("{n} 1"))];
        batch.insert(n % 3, twice.clone());
        stream.publish_batch(batch)
    });
    let acks = join_all(batches).await;
    let content = content(&stream).await;
    assert_eq!(content.iter().filter(|payload| *payload == "twice").count(), 1);
    let mut firsts = 0;
    for (n, acks) in acks.into_iter().enumerate() {
        let mut acks = acks.unwrap();
        let repeated = acks.remove(n % 3);
        firsts += usize::from(!repeated.is_duplicate);
        let at = |seq: capstone_outbox::Seq| content[usize::try_from(seq.0).unwrap() - 1].clone();
        assert_eq!(at(repeated.seq), "twice");
        assert_eq!(
            acks.iter().map(|ack| at(ack.seq)).collect::<Vec<_>>(),
            [format!("{n} 0"), format!("{n} 1")]
        );
    }
    assert_eq!(firsts, 1);
}

#[tokio::test]
async fn whom_the_database_refuses_fails_alone() {
    let Some((stream, client)) = stream().await else { return };
    let refuse = "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
          IF NEW.topic = 'bad' THEN RAISE 'no such topic'; END IF; RETURN NEW; END $$;
        CREATE TRIGGER refuse BEFORE INSERT ON outbox_stream_message FOR EACH ROW EXECUTE FUNCTION refuse()";
    client.batch_execute(refuse).await.unwrap();
    let publish = |n: usize| {
        let topic = if n % 10 == 3 { "bad" } else { "good" };
        stream.publish_batch(vec![on("good", "x"), on(topic, &n.to_string())])
    };
    let outcomes = join_all((0..50).map(publish)).await;
    for (n, outcome) in outcomes.into_iter().enumerate() {
        match outcome {
            Ok(acks) => assert!(n % 10 != 3 && acks.len() == 2, "{n}"),
            Err(error) => assert!(n % 10 == 3 && error.to_string().contains("no such topic"), "{n}: {error}"),
        }
    }
    assert_eq!(content(&stream).await.len(), 90, "all of a batch or nothing");
}

#[tokio::test]
async fn who_is_dropped_while_he_waits_is_written_or_not_and_takes_nobody_along() {
    let Some((stream, _client)) = stream().await else { return };
    let publish = |n: usize| {
        let stream = stream.clone();
        async move {
            let publish = stream.publish(on("a", &n.to_string()));
            cancel_at(n % 4 + 1, publish).await.map(|ack| ack.unwrap().seq)
        }
    };
    let acks = join_all((0..100).map(publish)).await;
    let content = content(&stream).await;
    for (n, ack) in acks.into_iter().enumerate() {
        let found = content.iter().position(|payload| *payload == n.to_string());
        match ack {
            Some(seq) => assert_eq!(found, Some(usize::try_from(seq.0).unwrap() - 1)),
            None => assert!(content.iter().filter(|payload| **payload == n.to_string()).count() <= 1),
        }
    }
    stream.publish(on("a", "after")).await.unwrap();
}

#[tokio::test]
async fn more_callers_than_places_are_all_answered() {
    let Some((stream, _client)) = stream().await else { return };
    let callers = (0..5_000).map(|n| {
        let stream = stream.clone();
        async move { stream.publish(on("a", &n.to_string())).await.unwrap().seq.0 }
    });
    let mut seqs = join_all(callers).await;
    seqs.sort_unstable();
    assert_eq!(seqs, (1..=5_000).collect::<Vec<_>>());
}

#[tokio::test]
async fn streams_do_not_wait_for_each_other() {
    let Some(address) = migrated().await else { return };
    let streams = Streams::new(Arc::new(crate::postgres::open(&address).await));
    let slow = streams.create(orders()).await.unwrap();
    let quick = streams.create(super::StreamConfig::new("users")).await.unwrap();
    let mut client = connect(&address).await;
    let tx = client.transaction().await.unwrap();
    tx.execute("SELECT FROM outbox_stream WHERE name = 'orders' FOR UPDATE", &[]).await.unwrap();
    let waiting = tokio::spawn(async move { slow.publish(on("a", "1")).await.unwrap().seq.0 });
    crate::postgres::somebody_waits(&connect(&address).await).await;
    assert_eq!(quick.publish(on("a", "1")).await.unwrap().seq.0, 1);
    assert!(!waiting.is_finished());
    tx.commit().await.unwrap();
    assert_eq!(waiting.await.unwrap(), 1);
}

#[test]
fn the_next_runtime_publishes_too() {
    let runtime =
        || tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let first = runtime();
    let Some((stream, _client)) = first.block_on(stream()) else { return };
    first.block_on(stream.publish(on("a", "1"))).unwrap();
    drop(first);
    let published = runtime().block_on(async {
        // The pool may still hold a connection that ended with the first runtime.
        while stream.publish(on("a", "2")).await.is_err() {}
        stream.info().await.unwrap().last.0
    });
    assert!(published >= 2, "{published}");
}
