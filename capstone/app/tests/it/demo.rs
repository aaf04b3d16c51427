//! The demonstration ends by itself, or is killed and goes on, and its verdict is good.

use std::process::Stdio;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};
use serde_json::Value;

use crate::kill::seed;
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

    let others = Place::new();
    others.enqueue("{\"topic\":\"a\",\"payload\":1}").await.done();
    let resumed = run(&["demo", "--resume", "--db", &others.db()]).await;
    resumed.failed_with(&["shop.db", "is in use", "fresh database"]);
    assert_eq!(others.pending().await, 1);
}

#[cfg(unix)]
#[tokio::test]
async fn a_signal_closes_the_shop_and_the_verdict_still_holds() {
    let place = Place::new();
    let arguments = ["demo", "--json", "--messages", "10000000", "--db", &place.db()];
    let child = command(&arguments).stdout(Stdio::piped()).spawn().unwrap();
    while !place.path("shop.db-wal").exists() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    signal(&child, "-INT").await;
    let ended = ended_child(child).await.done();
    let summary: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert!(summary["committed"].as_u64().unwrap() > 0);
    assert_eq!(summary["holds"], true);
}

const KILLS: u64 = 8;
const MESSAGES: u64 = 3_000;
/// A row for each order, and one for each of the two who must receive it.
const ROWS: &str = "SELECT (SELECT count(*) FROM orders) + (SELECT count(*) FROM receipts)";

/// Kills the demonstration in the middle of its work, again and again, and lets the last run say what became of it all.
async fn play_through_kills(db: &str, rows: impl AsyncFn() -> u64, killed: impl AsyncFn()) {
    let seed = seed();
    let mut random = fastrand::Rng::with_seed(seed);
    let messages = MESSAGES.to_string();
    let resume = ["demo", "--resume", "--json", "--keys", "50", "--messages", &messages, "--db", db];
    let mut hits = 0;
    for kill in 0..KILLS {
        let done = rows().await;
        let enough = done + random.u64(0..=(3 * MESSAGES - done) / (KILLS - kill));
        let mut demo = command(&resume).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        while rows().await < enough && demo.try_wait().unwrap().is_none() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        demo.kill().await.unwrap();
        killed().await;
        hits += u64::from(rows().await < 3 * MESSAGES);
    }
    assert!(hits >= KILLS / 2, "seed {seed}: only {hits} of {KILLS} kills came while there was work");
    let ended = run(&resume).await;
    assert_eq!(ended.code, 0, "seed {seed}: {}{}", ended.stdout, ended.stderr);
    let summary: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(summary["holds"], true, "seed {seed}: {summary}");
    assert_eq!(summary["committed"], MESSAGES, "seed {seed}");
    for subscriber in ["warehouse", "billing"] {
        assert_eq!(summary["subscribers"][subscriber]["delivered"], MESSAGES, "seed {seed}: {subscriber}");
    }
}

#[tokio::test]
async fn the_verdict_holds_through_kills() {
    let place = Place::new();
    let path = place.path("shop.db");
    let rows = async || {
        let connection = Connection::open_with_flags(&path, OpenFlags::SQLITE_OPEN_READ_ONLY);
        // None before there are tables.
        let rows = connection.and_then(|open| open.query_row(ROWS, [], |row| row.get::<_, i64>(0)));
        rows.unwrap_or(0).try_into().unwrap()
    };
    play_through_kills(&place.db(), rows, async || ()).await;
}

#[cfg(all(unix, feature = "postgres"))]
mod postgres {
    use capstone_postgres_server::Server;
    use tokio_postgres::{Client, NoTls};

    use super::*;

    async fn connect(db: &str) -> Client {
        let (client, connection) = tokio_postgres::connect(db, NoTls).await.unwrap();
        tokio::spawn(connection);
        client
    }

    #[tokio::test]
    async fn the_demonstration_wants_a_fresh_database_and_its_verdict_is_good() {
        let Some(server) = Server::start() else { return };
        let db = server.address("postgres");
        let arguments = ["demo", "--json", "--messages", "1000", "--keys", "20", "--db", &db];
        let ended = run(&arguments).await.done();
        let summary: Value = serde_json::from_str(&ended.stdout).unwrap();
        assert_eq!((&summary["holds"], &summary["committed"]), (&true.into(), &1_000.into()));
        for subscriber in ["warehouse", "billing"] {
            assert_eq!(summary["subscribers"][subscriber]["delivered"], 1_000);
        }
        run(&arguments).await.failed_with(&["holds a demonstration already", "--resume"]);
        let client = connect(&db).await;
        client.batch_execute("DROP TABLE receipts").await.unwrap();
        for arguments in [&arguments[..], &["demo", "--resume", "--db", &db]] {
            run(arguments).await.failed_with(&["is in use", "fresh database"]);
        }
    }

    #[tokio::test]
    async fn the_verdict_holds_through_kills() {
        let Some(server) = Server::start() else { return };
        let db = server.address("postgres");
        let client = connect(&db).await;
        let rows = async || {
            let rows = client.query_one(ROWS, &[]).await;
            rows.map_or(0, |row| row.get::<_, i64>(0).try_into().unwrap())
        };
        // The server may still be about to commit what the killed process has sent.
        let sessions = "SELECT count(*) FROM pg_stat_activity
                         WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()";
        let killed = async || {
            while client.query_one(sessions, &[]).await.unwrap().get::<_, i64>(0) > 0 {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        play_through_kills(&db, rows, killed).await;
    }
}
