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
