//! What an operator does about messages that cannot be delivered.

use rusqlite::Connection;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout};

use crate::support::{Place, command, ended_child, run, signal};

const ID: &str = "019b8d2b-9027-7d5d-8cf6-35ee9e9e2fa4";

fn sql(place: &Place, statement: &str) {
    Connection::open(place.path("shop.db")).unwrap().execute_batch(statement).unwrap();
}

/// The keys "a" and "b", each with a head that no stream takes, and a good message behind it.
async fn place_with_trouble() -> Place {
    let place = Place::new();
    for key in ["a", "b"] {
        for n in 1..=2 {
            let line = json!({ "topic": format!("t{n}"), "key": key, "payload": format!("{key}{n}") });
            place.enqueue(&line.to_string()).await.done();
        }
    }
    sql(&place, "UPDATE outbox SET topic = 'no topic' WHERE topic = 't1'");
    let relayed = carry(&place).await;
    assert_eq!(relayed.lines().last(), Some("relayed 0, 2 failed attempts, 2 parked"));
    let parked = relayed.lines().filter(|line| line.starts_with("ERROR parked"));
    assert_eq!(parked.count(), 2, "each is told once: {relayed}");
    place
}

/// Relays into the stream until nothing is left, and says what was done.
async fn carry(place: &Place) -> String {
    run(&["relay", "--db", &place.db(), "--sink", "stream", "--until-empty"]).await.done().stderr
}

/// What the stream holds, in order.
async fn delivered(place: &Place) -> Vec<String> {
    let replayed = run(&["stream", "replay", "--db", &place.db()]).await.done().stdout;
    let payload =
        |line: &str| serde_json::from_str::<Value>(line).unwrap()["payload"].as_str().unwrap().to_owned();
    replayed.lines().map(payload).collect()
}

async fn objects(arguments: &[&str]) -> Vec<Value> {
    let out = run(arguments).await.done().stdout;
    out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// A relay that goes on until it is stopped, once it has been seen to hold its lane.
async fn running(db: &str, sink: &str) -> Child {
    let child = command(&["relay", "--db", db, "--sink", sink]).spawn().unwrap();
    loop {
        let status = &objects(&["status", "--json", "--db", db]).await[0];
        if status["relays"] != json!([]) {
            return child;
        }
    }
}

async fn stopped(child: Child) {
    signal(&child, "-TERM").await;
    ended_child(child).await.done();
}

#[tokio::test]
async fn a_parked_key_is_seen_and_retried_and_delivered_in_order() {
    let place = place_with_trouble().await;
    let db = place.db();
    let keys = objects(&["keys", "list", "--json", "--db", &db]).await;
    let names: Vec<&Value> = keys.iter().map(|key| &key["key"]).collect();
    assert_eq!(names, ["a", "b"]);
    assert_eq!(
        (&keys[0]["state"], &keys[0]["attempts"], &keys[0]["held"], &keys[0]["command"]),
        (&json!("parked"), &json!(1), &json!(2), &Value::Null)
    );
    let table = run(&["keys", "list", "--db", &db]).await.done().stdout;
    assert!(table.starts_with("KEY  STATE   ATTEMPTS  HEAD  HELD  SINCE"), "{table}");

    sql(&place, "UPDATE outbox SET topic = 't1' WHERE topic = 'no topic'");
    let relay = running(&db, "stream").await;
    let retried = run(&["keys", "retry", "a", "--db", &db]).await.done();
    assert_eq!(retried.stderr, "retry key \"a\": done\n");
    let retried = objects(&["keys", "retry", "b", "--json", "--db", &db]).await;
    assert_eq!(retried, [json!({ "key": "b", "command": "retry", "outcome": "done" })]);
    stopped(relay).await;
    assert_eq!(place.pending().await, 0);
    let mut delivered = delivered(&place).await;
    assert!(
        delivered.iter().position(|p| p == "a1") < delivered.iter().position(|p| p == "a2"),
        "{delivered:?}"
    );
    delivered.sort();
    assert_eq!(delivered, ["a1", "a2", "b1", "b2"]);
    let none = run(&["keys", "list", "--db", &db]).await.done();
    assert_eq!((none.stdout.as_str(), none.stderr.as_str()), ("", "no key is in trouble\n"));
}

#[tokio::test]
async fn a_command_that_no_relay_takes_is_done_by_the_next_one() {
    let place = place_with_trouble().await;
    let db = place.db();
    let skipped = run(&["keys", "skip", "a", "--by", "anna", "--db", &db]).await;
    assert_eq!(skipped.code, 3);
    assert_eq!(skipped.stderr, "skip key \"a\": no relay is running: it is done when one starts\n");
    run(&["keys", "retry", "a", "--db", &db])
        .await
        .failed_with(&["key \"a\" has a command that waits", "skip"]);
    assert_eq!(run(&["keys", "discard", "b", "--all", "--db", &db]).await.code, 3);
    assert_eq!(objects(&["keys", "list", "--json", "--db", &db]).await[1]["command"], "discard --all");

    assert_eq!(carry(&place).await, "relayed 1\n", "what an operator skips is his");
    assert_eq!(delivered(&place).await, ["a2"]);
    assert_eq!(objects(&["keys", "list", "--json", "--db", &db]).await, [json!(null); 0]);
    let dead = objects(&["dead", "list", "--json", "--db", &db]).await;
    assert_eq!((dead.len(), &dead[0]["message"]["payload"]), (1, &json!("a1")));
    let error = dead[0]["error"].as_str().unwrap();
    assert!(error.starts_with("skipped by an operator; before that: topic"), "{error}");
}

#[tokio::test]
async fn all_parked_keys_are_retried_at_once() {
    let place = place_with_trouble().await;
    let db = place.db();
    sql(&place, "UPDATE outbox SET topic = 't1' WHERE topic = 'no topic'");
    assert_eq!(run(&["keys", "retry", "--parked", "--wait", "1", "--db", &db]).await.code, 3);
    let relay = running(&db, "stream").await;
    let retried = run(&["keys", "retry", "--parked", "--db", &db]).await.done().stderr;
    // The relay may have done what was recorded before it began.
    assert!(["retry 2 parked: done\n", "no key is parked\n"].contains(&retried.as_str()), "{retried}");
    stopped(relay).await;
    let mut delivered = delivered(&place).await;
    delivered.sort();
    assert_eq!(delivered, ["a1", "a2", "b1", "b2"]);
}

#[tokio::test]
async fn a_dead_letter_is_shown_requeued_and_delivered_or_discarded() {
    let place = Place::new();
    let db = place.db();
    let others = "{\"topic\":\"t\",\"payload\":\"y\"}\n{\"topic\":\"u\",\"payload\":\"z\"}\n";
    place.enqueue(&format!("{{\"topic\":\"t\",\"payload\":\"x\",\"id\":\"{ID}\"}}\n{others}")).await.done();
    sql(&place, "UPDATE outbox SET topic = 'no ' || topic");
    assert_eq!(carry(&place).await.lines().last(), Some("relayed 0, 3 failed attempts, 3 dead"));

    let list = run(&["dead", "list", "--oldest", "--limit", "2", "--db", &db]).await.done();
    let lines: Vec<&str> = list.stdout.lines().collect();
    assert!(lines.len() == 3 && lines[0].starts_with("ID ") && lines[1].starts_with(ID), "{}", list.stdout);
    assert_eq!(list.stderr, "there may be more: --behind 2\n");
    let rest = objects(&["dead", "list", "--oldest", "--behind", "2", "--json", "--db", &db]).await;
    assert_eq!((rest.len(), &rest[0]["message"]["payload"]), (1, &json!("z")));
    let shown = run(&["dead", "show", ID, "--db", &db]).await.done().stdout;
    assert!(shown.contains("topic     no t\n") && shown.ends_with("payload   \\\"x\\\"\n"), "{shown}");

    sql(&place, "UPDATE outbox_dead SET topic = substr(topic, 4)");
    let requeue = ["dead", "requeue", ID, "--db", &db];
    assert_eq!(run(&requeue).await.done().stderr, "requeued 1\n");
    run(&requeue).await.failed_with(&["no dead letter has the id", ID, "capstone dead list"]);
    assert_eq!(carry(&place).await, "relayed 1\n");
    assert_eq!(delivered(&place).await, ["x"]);

    let discarded = objects(&["dead", "discard", "--topic", "t", "--json", "--db", &db]).await;
    assert_eq!(discarded, [json!({ "discarded": 1 })]);
    assert_eq!(run(&["dead", "discard", "--key", "k", "--db", &db]).await.done().stderr, "discarded 0\n");
    assert_eq!(run(&["dead", "requeue", "--all", "--db", &db]).await.done().stderr, "requeued 1\n");
    assert_eq!(run(&["dead", "list", "--db", &db]).await.done().stderr, "no dead letters\n");
}

#[tokio::test]
async fn a_dead_letter_whose_id_waits_stays_and_is_named() {
    let place = Place::new();
    let db = place.db();
    let line = format!("{{\"topic\":\"t\",\"payload\":\"x\",\"id\":\"{ID}\"}}\n");
    place.enqueue(&line).await.done();
    sql(&place, "UPDATE outbox SET topic = 'no topic'");
    carry(&place).await;
    // As an application in another language may: `enqueue` would have seen that it is dead.
    sql(&place, "INSERT INTO outbox (id, topic, payload) SELECT id, 't', payload FROM outbox_dead");
    let requeued = objects(&["dead", "requeue", "--all", "--json", "--db", &db]).await;
    assert_eq!(requeued, [json!({ "requeued": 0, "pending": [ID] })]);
    let requeued = run(&["dead", "requeue", ID, "--db", &db]).await.done().stderr;
    assert_eq!(requeued, format!("requeued 0; messages with these ids wait already, so they stay: {ID}\n"));
    // And a second death of it is no obstacle.
    sql(&place, "UPDATE outbox SET topic = 'no topic'");
    assert_eq!(carry(&place).await.lines().last(), Some("relayed 0, 1 failed attempts, 1 dead"));
    assert_eq!(objects(&["dead", "list", "--json", "--db", &db]).await.len(), 1);
}

#[tokio::test]
async fn a_wrong_name_is_one_clear_line() {
    let place = place_with_trouble().await;
    let db = place.db();
    run(&["keys", "retry", "c", "--db", &db])
        .await
        .failed_with(&["key \"c\" is not in trouble", "capstone keys list"]);
    run(&["keys", "skip", "--row", "1", "--db", &db]).await.failed_with(&["row 1 is not in trouble"]);
    run(&["dead", "show", ID, "--db", &db]).await.failed_with(&["no dead letter has the id"]);
    for wrong in [
        &["dead", "requeue", "--db", &db][..],
        &["dead", "requeue", "7", "--db", &db],
        &["dead", "discard", ID, "--all", "--db", &db],
        &["keys", "skip", "--db", &db],
        &["keys", "skip", "a", "--row", "1", "--db", &db],
        &["keys", "retry", "a", "--parked", "--db", &db],
    ] {
        assert_eq!(run(wrong).await.code, 2, "{wrong:?}");
    }
}

#[tokio::test]
async fn a_pause_stops_a_running_relay_until_somebody_resumes() {
    let place = Place::new();
    let db = place.db();
    run(&["migrate", "--db", &db]).await.done();
    let paused = run(&["pause", "--by", "anna", "--db", &db]).await.done().stderr;
    assert!(paused.starts_with("paused by anna for "), "{paused}");
    place.enqueue("{\"topic\":\"t\",\"payload\":1}\n").await.done();
    let mut relay = command(&["relay", "--db", &db, "--sink", "stdout"]).spawn().unwrap();
    let mut log = BufReader::new(relay.stderr.take().unwrap()).lines();
    let warning = log.next_line().await.unwrap().unwrap();
    assert!(warning.contains("an operator has paused the outbox: nothing is published"), "{warning}");
    let mut out: Lines<BufReader<ChildStdout>> = BufReader::new(relay.stdout.take().unwrap()).lines();

    let status = &objects(&["status", "--json", "--db", &db]).await[0];
    assert_eq!((&status["paused"]["by"], &status["pending"]), (&json!("anna"), &json!(1)));
    let status = run(&["status", "--db", &db]).await.done().stdout;
    assert!(status.contains("\npaused by anna for "), "{status}");
    assert!(run(&["resume", "--db", &db]).await.done().stderr.starts_with("resumed: it was paused by anna"));
    assert!(out.next_line().await.unwrap().unwrap().contains("\"payload\":1"));
    stopped(relay).await;
    assert_eq!(run(&["resume", "--db", &db]).await.done().stderr, "it was not paused\n");
}
