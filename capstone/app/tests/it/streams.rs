//! What a consumer of a stream gave up, and what an operator does about it.

use std::sync::Arc;

use capstone_outbox::sqlite::SqliteStore;
use capstone_outbox::stream::{StreamConfig, Streams};
use serde_json::Value;

use crate::support::{Place, run};

/// Three messages in the stream `orders`, which keeps two: billing has given up all of them.
async fn place_with_dead_letters() -> Place {
    let place = Place::new();
    let store = SqliteStore::open(place.path("shop.db")).unwrap();
    let stream =
        Streams::new(Arc::new(store)).create(StreamConfig::new("orders").count_max(2)).await.unwrap();
    let mut billing = stream.consumer("billing").open().await.unwrap();
    for n in 1..=3 {
        let message = capstone_outbox::Message::new("orders.created".parse().unwrap(), n.to_string());
        stream.publish(message.with_key("k").unwrap()).await.unwrap();
        billing.next().await.unwrap().term("no such customer").await.unwrap();
    }
    place
}

async fn dead(place: &Place) -> Vec<i64> {
    let list = ["stream", "dead", "list", "orders", "billing", "--json", "--db", &place.db()];
    let lines = run(&list).await.done().stdout;
    let seq = |line: &str| serde_json::from_str::<Value>(line).unwrap()["message"]["seq"].as_i64().unwrap();
    lines.lines().map(seq).collect()
}

#[tokio::test]
async fn dead_letters_of_a_consumer_are_listed_redriven_and_discarded() {
    let place = place_with_dead_letters().await;
    let db = place.db();
    let with = async |arguments: &[&str]| {
        let mut all = vec!["stream", "dead"];
        all.extend(arguments);
        all.extend(["--db", &db]);
        run(&all).await
    };
    let people = with(&["list", "orders"]).await.done().stdout;
    assert!(
        people.ends_with("billing   3    orders.created  k    1           no such customer\n"),
        "{people}"
    );
    assert_eq!(dead(&place).await, [1, 2, 3]);

    let redriven = with(&["redrive", "orders", "billing", "--seq", "2"]).await.done().stderr;
    assert_eq!(redriven, "redriven 1\n");
    let redriven = with(&["redrive", "orders", "billing", "--all"]).await.done().stderr;
    let gone = "1 stay dead letters: retention has taken their messages from the stream";
    assert_eq!(redriven, format!("redriven 1\n{gone}\n"));
    assert_eq!(dead(&place).await, [1]);
    let listed = run(&["stream", "list", "--json", "--db", &db]).await.done().stdout;
    let listed: Value = serde_json::from_str(&listed).unwrap();
    assert_eq!((&listed["consumers"][0]["pending"], &listed["dead"]), (&2.into(), &1.into()));

    let again = with(&["redrive", "orders", "billing", "--seq", "2"]).await;
    again.failed_with(&["no dead letter with the number 2", "stream dead list orders billing"]);
    with(&["redrive", "orders", "nobody", "--all"]).await.failed_with(&["consumer \"nobody\""]);
    with(&["redrive", "none", "billing", "--all"]).await.failed_with(&["stream \"none\" does not exist"]);
    assert_eq!(with(&["redrive", "orders", "billing"]).await.code, 2, "which of them?");
    assert_eq!(with(&["discard", "orders", "billing", "--seq", "1"]).await.done().stderr, "discarded 1\n");
    assert_eq!(with(&["discard", "orders", "billing", "--all"]).await.done().stderr, "discarded 0\n");
}

#[tokio::test]
async fn what_a_stream_keeps_is_set_and_let_go_only_when_asked_twice() {
    let place = place_with_dead_letters().await;
    let db = place.db();
    let with = async |arguments: &[&str]| {
        let mut all = vec!["stream"];
        all.extend(arguments);
        all.extend(["--db", &db]);
        run(&all).await
    };
    let set =
        with(&["set", "orders", "--count-max", "none", "--age-max", "30d", "--bytes-max", "1GiB"]).await;
    assert_eq!(set.done().stderr, "orders keeps at most 30d, 1GiB\n");
    let set = with(&["set", "orders", "--age-max", "none", "--bytes-max", "none"]).await;
    assert_eq!(set.done().stderr, "orders keeps everything\n");
    assert!(with(&["list"]).await.done().stdout.contains("messages 2 (2 to 3)"));
    with(&["set", "none", "--count-max", "1"]).await.failed_with(&["stream \"none\" does not exist"]);
    assert_eq!(with(&["set", "orders"]).await.code, 2, "what?");
    assert_eq!(with(&["set", "orders", "--age-max", "soon"]).await.code, 2);

    for arguments in [&["purge", "orders"][..], &["delete", "orders"], &["trim", "orders", "--below", "3"]] {
        let refused = with(arguments).await;
        assert!(refused.code == 2 && refused.stderr.contains("--yes"), "{}", refused.stderr);
    }
    assert_eq!(with(&["trim", "orders", "--yes"]).await.code, 2, "up to which?");
    assert_eq!(with(&["trim", "orders", "--below", "3", "--yes"]).await.done().stderr, "deleted 1\n");
    assert_eq!(with(&["trim", "orders", "--older-than", "1h", "--yes"]).await.done().stderr, "deleted 0\n");
    assert_eq!(with(&["purge", "orders", "--yes", "--json"]).await.done().stdout, "{\"deleted\":1}\n");
    assert_eq!(with(&["delete", "orders", "--yes"]).await.done().stderr, "deleted 0\n");
    assert_eq!(with(&["list"]).await.done().stdout, "");
    with(&["delete", "orders", "--yes"]).await.failed_with(&["stream \"orders\" does not exist"]);
}

#[tokio::test]
async fn a_relay_lets_go_what_is_kept_no_longer() {
    let place = Place::new();
    let store = Arc::new(SqliteStore::open(place.path("shop.db")).unwrap());
    let streams = Streams::new(Arc::clone(&store));
    let stream = streams.create(StreamConfig::new("orders")).await.unwrap();
    let messages = (0..50).map(|_| capstone_outbox::Message::new("a".parse().unwrap(), "1")).collect();
    stream.publish_batch(messages).await.unwrap();
    let seen = "INSERT INTO outbox_inbox VALUES ('billing', randomblob(16), 0)";
    store.transaction(move |tx| tx.execute(seen, [])).await.unwrap();
    streams.create(StreamConfig::new("orders").count_max(10)).await.unwrap();

    let relay = ["relay", "--sink", "stdout", "--db", &place.db()];
    let mut child = crate::support::command(&relay).spawn().unwrap();
    let count = "SELECT count(*) FROM outbox_inbox";
    let left = async || {
        let seen = store.transaction(move |tx| tx.query_row(count, [], |row| row.get::<_, i64>(0)));
        (stream.info().await.unwrap().messages(), seen.await.unwrap())
    };
    while left().await != (10, 0) {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    child.kill().await.unwrap();
}
