//! `--db postgres://…`, on a server that the tests start themselves.

use std::fs;
use std::path::Path;

use capstone_postgres_server::Server;
use serde_json::Value;

use crate::kill::{check_ledgers, copies, drain, kill_in_work, seed};
use crate::support::{EXAMPLES, EXAMPLES_COUNT, Place, command, run, run_with};

const KILLS: u64 = 10;
/// The relay's window: what one kill may repeat.
pub(crate) const WINDOW: u64 = 1_024;

pub(crate) async fn status(db: &str) -> Value {
    serde_json::from_str(&run(&["status", "--json", "--db", db]).await.done().stdout).unwrap()
}

#[tokio::test]
async fn a_round_trip() {
    let Some(server) = Server::start() else { return };
    let db = server.address("postgres");
    run(&["status", "--db", &db]).await.failed_with(&["has no outbox tables", "capstone migrate"]);
    assert!(run(&["migrate", "--db", &db]).await.done().stderr.ends_with("the tables are now up to date\n"));
    assert!(run(&["migrate", "--db", &db]).await.done().stderr.ends_with("the tables were up to date\n"));

    let bad = "{\"topic\":\"a\",\"payload\":1}\n{\"topic\":\"a\"}\n";
    run_with(&["enqueue", "--db", &db], bad)
        .await
        .failed_with(&["standard input, line 2", "nothing was enqueued"]);
    assert_eq!(status(&db).await["pending"], 0);
    let enqueued = run(&["enqueue", "--db", &db, "--file", EXAMPLES]).await.done().stderr;
    assert_eq!(enqueued, format!("enqueued {EXAMPLES_COUNT}\n"));
    let again = run(&["enqueue", "--db", &db, "--file", EXAMPLES]).await.done().stderr;
    assert!(again.starts_with(&format!("enqueued 0, skipped {EXAMPLES_COUNT}")), "{again}");
    assert_eq!(status(&db).await["pending"], EXAMPLES_COUNT);

    let place = Place::new();
    let out = place.path("out.ndjson");
    let sink = format!("file:{}", out.display());
    run(&["relay", "--db", &db, "--sink", &sink, "--until-empty"]).await.done();
    check_ledgers(Path::new(EXAMPLES), &out, 0, 0);

    let line = "{\"topic\":\"a\",\"key\":\"k\",\"payload\":1}\n";
    let stopped = run_with(&["enqueue", "--db", &db, "--per-line"], &(line.to_owned() + "no\n")).await;
    stopped.failed_with(&["enqueued 1, then stopped", "line 2"]);
    assert_eq!(status(&db).await["pending"], 1);
}

#[tokio::test]
async fn migrate_prints_what_another_tool_may_run() {
    let Some(server) = Server::start() else { return };
    let db = server.address("postgres");
    let print = ["migrate", "--print", "--db", &db];
    let script = run(&print).await.done().stdout;
    let nowhere = ["migrate", "--print", "--from", "0", "--db", "postgres://nobody@127.0.0.1:1/none"];
    assert_eq!(run(&nowhere).await.done().stdout, script, "no database is asked");
    let (client, connection) = tokio_postgres::connect(&db, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    client.batch_execute(&script).await.unwrap();
    assert_eq!(run(&print).await.done().stdout, "", "nothing is missing");
    run(&["enqueue", "--db", &db, "--file", EXAMPLES]).await.done();
}

#[tokio::test]
async fn kills_lose_invent_and_reorder_nothing() {
    let Some(server) = Server::start() else { return };
    let db = server.address("postgres");
    let seed = seed();
    let mut random = fastrand::Rng::with_seed(seed);
    let place = Place::new();
    let (input, out) = (place.path("in.ndjson"), place.path("out.ndjson"));
    fs::write(&input, copies()).unwrap();
    run(&["migrate", "--db", &db]).await.done();
    run(&["enqueue", "--db", &db, "--file", input.to_str().unwrap()]).await.done();

    let sink = format!("file:{}", out.display());
    let mut hits = 0;
    for kill in 0..KILLS {
        let relay = command(&["relay", "--db", &db, "--sink", &sink]).spawn().unwrap();
        kill_in_work(relay, (&input, &out), KILLS - kill, &mut random).await;
        hits += u64::from(status(&db).await["pending"].as_u64().unwrap() > 0);
    }
    assert!(hits >= KILLS / 2, "seed {seed}: only {hits} of {KILLS} kills came while there was work");
    drain(&db, &sink, KILLS).await;
    assert_eq!(status(&db).await["pending"], 0);
    check_ledgers(&input, &out, KILLS * WINDOW, seed);
}

#[tokio::test]
async fn an_operator_mends_what_cannot_be_delivered() {
    let Some(server) = Server::start() else { return };
    let db = server.address("postgres");
    run(&["migrate", "--db", &db]).await.done();
    let line = |n: u32| format!("{{\"topic\":\"t\",\"key\":\"k\",\"payload\":{n}}}\n");
    run_with(&["enqueue", "--db", &db], &(line(1) + &line(2))).await.done();
    // As a relay leaves a key that it has parked.
    let (client, connection) = tokio_postgres::connect(&db, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    let park = "UPDATE outbox SET state = 1;
                INSERT INTO outbox_trouble (kind, name, lane, head_seq, head_id, attempts, error)
                SELECT 0, key, lane, seq, id, 10, 'no' FROM outbox WHERE seq = 1";
    client.batch_execute(park).await.unwrap();

    let list = run(&["keys", "list", "--db", &db]).await.done().stdout;
    assert!(list.lines().nth(1).unwrap().starts_with("k    parked  10        1     2     "), "{list}");
    let skipped = run(&["keys", "skip", "k", "--db", &db]).await;
    assert_eq!((skipped.code, skipped.stdout.as_str()), (3, ""), "{}", skipped.stderr);
    run(&["keys", "retry", "other", "--db", &db]).await.failed_with(&["key \"other\" is not in trouble"]);

    let place = Place::new();
    let out = place.path("out.ndjson");
    let sink = format!("file:{}", out.display());
    let relay = ["relay", "--db", &db, "--sink", &sink, "--until-empty"];
    assert_eq!(run(&relay).await.done().stderr, "relayed 1\n", "what an operator skips is his");
    let dead: Value =
        serde_json::from_str(&run(&["dead", "list", "--json", "--db", &db]).await.done().stdout).unwrap();
    assert_eq!(
        (&dead["message"]["payload"], &dead["error"]),
        (&1.into(), &"skipped by an operator; before that: no".into())
    );

    let paused = run(&["pause", "--by", "anna", "--db", &db]).await.done().stderr;
    assert!(paused.starts_with("paused by anna for "), "{paused}");
    assert_eq!(status(&db).await["paused"]["by"], "anna");
    let requeued = run(&["dead", "requeue", "--key", "k", "--db", &db]).await.done().stderr;
    assert_eq!(requeued, "requeued 1\n");
    assert!(run(&["resume", "--db", &db]).await.done().stderr.starts_with("resumed: it was paused by anna"));
    assert_eq!(run(&relay).await.done().stderr, "relayed 1\n");
    let taken = fs::read_to_string(&out).unwrap();
    let taken: Vec<Value> = taken.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(taken.iter().map(|line| &line["payload"]).collect::<Vec<_>>(), [2, 1]);
    assert_eq!(taken[1]["id"], dead["message"]["id"]);
    assert!(taken[1]["seq"].as_i64() > taken[0]["seq"].as_i64());
    run(&["dead", "discard", dead["message"]["id"].as_str().unwrap(), "--db", &db])
        .await
        .failed_with(&["no dead letter has the id"]);
}

/// The number of the last message in the stream; 0 while there is none.
async fn last_in_stream(db: &str) -> u64 {
    let listed = run(&["stream", "list", "--json", "--db", db]).await.done().stdout;
    listed
        .lines()
        .next()
        .map_or(0, |line| serde_json::from_str::<Value>(line).unwrap()["last"].as_u64().unwrap())
}

#[tokio::test]
async fn a_stream_has_each_message_once_whenever_the_relay_is_killed() {
    let Some(server) = Server::start() else { return };
    let db = server.address("postgres");
    let seed = seed();
    let mut random = fastrand::Rng::with_seed(seed);
    let place = Place::new();
    let (input, out) = (place.path("in.ndjson"), place.path("out.ndjson"));
    fs::write(&input, copies()).unwrap();
    run(&["migrate", "--db", &db]).await.done();
    run(&["enqueue", "--db", &db, "--file", input.to_str().unwrap()]).await.done();
    let total = status(&db).await["pending"].as_u64().unwrap();

    let mut hits = 0;
    for kill in 0..KILLS {
        let done = last_in_stream(&db).await;
        let enough = done + random.u64(0..=(total - done) / (KILLS - kill));
        let mut relay = command(&["relay", "--db", &db, "--sink", "stream"]).spawn().unwrap();
        while last_in_stream(&db).await < enough {}
        relay.kill().await.unwrap();
        hits += u64::from(last_in_stream(&db).await < total);
    }
    assert!(hits >= KILLS / 2, "seed {seed}: only {hits} of {KILLS} kills came while there was work");
    run(&["relay", "--db", &db, "--sink", "stream", "--until-empty"]).await.done();
    assert_eq!((status(&db).await["pending"].as_u64(), last_in_stream(&db).await), (Some(0), total));
    let replayed = run(&["stream", "replay", "--db", &db]).await.done().stdout;
    fs::write(&out, replayed).unwrap();
    check_ledgers(&input, &out, 0, seed);
    let newest = run(&["stream", "replay", "--db", &db, "--from", "last"]).await.done().stdout;
    assert_eq!(serde_json::from_str::<Value>(&newest).unwrap()["seq"], total);
    run(&["stream", "replay", "nobody", "--db", &db])
        .await
        .failed_with(&["stream \"nobody\" does not exist"]);
}
