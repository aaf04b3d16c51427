//! The demonstration ends by itself, and its verdict is good.

use std::process::Stdio;

use serde_json::Value;

use crate::support::{Place, command, ended_child, run, signal};

#[tokio::test]
async fn the_verdict_is_good_and_the_figures_are_there() {
    let ended = run(&["demo", "--json", "--messages", "3000", "--keys", "50"]).await.done();
    let summary: Value = serde_json::from_str(&ended.stdout).unwrap();
    let figure = |name: &str| summary[name].as_u64().unwrap_or_else(|| panic!("{name} is missing"));
    assert_eq!(figure("committed"), 3_000);
    assert!(figure("rolled_back") > 50, "one of twenty");
    for nothing in ["lost", "invented", "out_of_order", "duplicates"] {
        assert_eq!(figure(nothing), 0, "{nothing}");
    }
    // Two subscribers get all of it, the slow one what it can.
    assert!(figure("delivered") > 6_000 && figure("rate_per_s") > 0);
    assert!(summary["p50_ms"].as_f64().unwrap() <= summary["p99_ms"].as_f64().unwrap());
    assert_eq!(summary["subscribers"]["billing"]["delivered"], 3_000);
    let dashboard = &summary["subscribers"]["dashboard"];
    let seen = dashboard["delivered"].as_u64().unwrap() + dashboard["gaps"].as_u64().unwrap();
    assert_eq!(seen, 3_000, "the slow subscriber knows what it let go");
}

#[tokio::test]
async fn people_get_a_summary_and_a_named_database_stays() {
    let place = Place::new();
    let ended = run(&["demo", "--messages", "200", "--keys", "7", "--db", &place.db()]).await.done();
    assert!(ended.stdout.contains("lost 0   invented 0   out of order 0   duplicates 0"), "{}", ended.stdout);
    assert!(ended.stdout.contains("The ledgers agree."));
    assert_eq!(place.pending().await, 0);

    let again = run(&["demo", "--messages", "200", "--db", &place.db()]).await;
    again.failed_with(&["shop.db", "exists already", "fresh database"]);
}

#[cfg(unix)]
#[tokio::test]
async fn a_signal_closes_the_shop_and_the_verdict_still_holds() {
    let place = Place::new();
    let arguments = ["demo", "--json", "--messages", "10000000", "--db", &place.db()];
    let child = command(&arguments).stdout(Stdio::piped()).spawn().unwrap();
    while !place.path("shop.db-wal").exists() {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    signal(&child, "-INT").await;
    let ended = ended_child(child).await.done();
    let summary: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert!(summary["committed"].as_u64().unwrap() > 0);
    assert_eq!(summary["holds"], true);
}
