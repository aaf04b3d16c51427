//! A relay on PostgreSQL is frozen (`SIGSTOP`) beyond its lease, another takes its lanes over, and then it goes on: a zombie
//! that does not know.

use std::collections::HashSet;
use std::fs;
use std::path::Path;
use std::time::Duration;

use capstone_outbox::postgres::Target;
use capstone_postgres_server::Server;
use tokio::process::Child;
use tokio::time::{sleep, timeout};

use crate::kill::{check_ledgers, copies};
use crate::postgres::{WINDOW, status};
use crate::support::{Place, command, ended_child, lines, run, run_with, signal};

/// Longer than a lease by far. Only a test that fails waits for so long.
const PATIENCE: Duration = Duration::from_secs(120);

async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let wait = async {
        while !is_so().await {
            sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(PATIENCE, wait).await.unwrap_or_else(|_| panic!("never: {what}"));
}

/// How many lanes the relay has, by the word of the database.
async fn lanes(db: &str, relay: &Child) -> i64 {
    let client = Target::parse(db).unwrap().client().await.unwrap();
    let owned = "SELECT count(*) FROM outbox_lane WHERE owner LIKE 'pid ' || $1::text || ' %'";
    client.query_one(owned, &[&relay.id().unwrap().to_string()]).await.unwrap().get(0)
}

/// The example events, several copies of each side by side: every key goes on to the end.
fn interleaved() -> Vec<String> {
    let text = copies();
    let all: Vec<&str> = text.lines().collect();
    let each = all.len() / 10;
    (0..each).flat_map(|line| all[line..].iter().step_by(each).map(|line| format!("{line}\n"))).collect()
}

#[tokio::test]
async fn a_frozen_relay_is_taken_over_and_changes_nothing_when_it_goes_on() {
    let Some(server) = Server::start() else { return };
    let (place, db) = (Place::new(), server.address("postgres"));
    run(&["migrate", "--db", &db]).await.done();
    let enqueue = async |lines: &[String]| {
        run_with(&["enqueue", "--db", &db], &lines.concat()).await.done();
    };
    let is_drained = async || status(&db).await["pending"] == 0;
    let relay = |out: &Path| {
        let sink = format!("file:{}", out.display());
        command(&["relay", "--db", &db, "--sink", &sink]).spawn().unwrap()
    };
    let all = interleaved();
    let (at_first, rest) = all.split_at(all.len() / 10);
    let (before, rest) = rest.split_at(all.len() * 7 / 10);
    let (meanwhile, afterwards) = rest.split_at(rest.len() / 2);

    enqueue(at_first).await;
    let (of_zombie, of_other) = (place.path("zombie.ndjson"), place.path("other.ndjson"));
    let zombie = relay(&of_zombie);
    until("the first has begun", async || lines(&of_zombie) > 0).await;
    let other = relay(&of_other);
    // Only then is there work for both: alone, the first may be done before the second has started.
    until("the second has its share", async || lanes(&db, &other).await > 0).await;
    enqueue(before).await;
    until("the second is at work", async || lines(&of_other) > 0).await;
    signal(&zombie, "-STOP").await;
    enqueue(meanwhile).await;
    until("the lanes of the frozen one are taken over", async || lanes(&db, &zombie).await == 0).await;
    until("all is delivered by the other", is_drained).await;
    let frozen_at = lines(&of_zombie);

    signal(&zombie, "-CONT").await;
    until("it has a share again", async || lanes(&db, &zombie).await > 0).await;
    enqueue(afterwards).await;
    until("all is delivered by both", is_drained).await;
    for relay in [zombie, other] {
        signal(&relay, "-TERM").await;
        ended_child(relay).await.done();
    }

    // Lanes have gone from the first to the second, and back: so this is the order of the deliveries within a key.
    let (zombie, other) = (fs::read_to_string(&of_zombie).unwrap(), fs::read_to_string(&of_other).unwrap());
    let zombie: Vec<&str> = zombie.lines().collect();
    let (first, last) = zombie.split_at(frozen_at);
    let merged: Vec<&str> = first.iter().copied().chain(other.lines()).chain(last.iter().copied()).collect();
    let (input, out) = (place.path("in.ndjson"), place.path("out.ndjson"));
    fs::write(&input, all.concat()).unwrap();
    fs::write(&out, merged.join("\n") + "\n").unwrap();
    check_ledgers(&input, &out, WINDOW, 0);

    let late: HashSet<String> = afterwards.iter().map(|line| id(line)).collect();
    let delivered = merged.iter().filter(|line| late.contains(&id(line))).count();
    assert_eq!(delivered, late.len(), "each once: by then nobody is a zombie any more");
}

fn id(line: &str) -> String {
    let line: serde_json::Value = serde_json::from_str(line).unwrap();
    line["id"].as_str().unwrap().to_owned()
}
