//! A message that ends the process which publishes it: it is found out, given up, and costs its own key only.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::support::{Ended, Place, command, ended_child, run, run_with};

/// The poison has no key, and then has one.
const POISON: [&str; 2] =
    [r#"{"topic":"poison","payload":{"n":0}}"#, r#"{"topic":"poison","key":"guilty","payload":{"n":0}}"#];
/// The first end leaves no trace, since nothing is written while all is well. The second meets it beside others. Three more are its own.
const ENDS: usize = 5;

async fn relay(db: &str, out: &Path) -> Ended {
    let sink = format!("file:{}", out.display());
    let mut relay = command(&["relay", "--db", db, "--sink", &sink, "--until-empty"]);
    ended_child(relay.env("CAPSTONE_POISON", "poison").spawn().unwrap()).await
}

/// 400 innocent messages of 40 keys around the poison, and one behind it in its key.
fn lines(poison: &str) -> String {
    let innocent =
        |n: u32| format!("{{\"topic\":\"t\",\"key\":\"k{}\",\"payload\":{{\"n\":{n}}}}}\n", n % 40);
    let before: String = (0..200).map(innocent).collect();
    let behind = r#"{"topic":"t","key":"guilty","payload":{"n":1}}"#;
    let after: String = (200..400).map(innocent).collect();
    format!("{before}{poison}\n{behind}\n{after}")
}

/// First deliveries by key, in their order.
fn delivered(out: &Path) -> BTreeMap<String, Vec<u64>> {
    let mut delivered: BTreeMap<String, Vec<u64>> = BTreeMap::new();
    for line in fs::read_to_string(out).unwrap().lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        let (key, n) = (line["key"].as_str().unwrap_or(""), line["payload"]["n"].as_u64().unwrap());
        let of_key = delivered.entry(key.to_owned()).or_default();
        if !of_key.contains(&n) {
            of_key.push(n);
        }
    }
    delivered
}

async fn status(db: &str) -> Value {
    serde_json::from_str(&run(&["status", "--json", "--db", db]).await.done().stdout).unwrap()
}

pub(crate) async fn given_up(db: &str) {
    for (poison, place) in POISON.into_iter().zip([Place::new(), Place::new()]) {
        let out = place.path("out.ndjson");
        run_with(&["enqueue", "--db", db], &lines(poison)).await.done();
        for end in 1..=ENDS {
            assert_eq!(relay(db, &out).await.code, -1, "end {end}: publishing it aborts");
            assert_eq!(status(db).await["keys"], Value::Array(vec![]), "end {end}: nobody is given up yet");
        }
        relay(db, &out).await.done();

        let mut expected: BTreeMap<String, Vec<u64>> =
            (0..40).map(|key| (format!("k{key}"), (0..10).map(|round| key + round * 40).collect())).collect();
        let status = status(db).await;
        assert_eq!((&status["pending"], &status["dead"]), (&0.into(), &1.into()), "{status}");
        let keys = status["keys"].as_array().unwrap();
        if poison.contains("guilty") {
            assert_eq!((&status["held"], keys.len()), (&2.into(), 1), "{status}");
            assert_eq!((&keys[0]["key"], &keys[0]["state"]), (&"guilty".into(), &"parked".into()));
            assert_eq!(keys[0]["error"], "the process ended 3 times while only this was published");
        } else {
            assert_eq!((&status["held"], keys.len()), (&0.into(), 0), "{status}");
            expected.insert("guilty".into(), vec![1]);
        }
        assert_eq!(delivered(&out), expected);
    }
}

#[tokio::test]
async fn poison_is_given_up_and_all_others_are_delivered() {
    let place = Place::new();
    given_up(&place.db()).await;
}

#[cfg(all(unix, feature = "postgres"))]
#[tokio::test]
async fn poison_is_given_up_and_all_others_are_delivered_on_postgres() {
    let Some(server) = capstone_postgres_server::Server::start() else { return };
    let db = server.address("postgres");
    run(&["migrate", "--db", &db]).await.done();
    given_up(&db).await;
}
