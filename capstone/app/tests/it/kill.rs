//! The relay is killed at random and started again: invariants I1 to I5 and I12 hold.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Duration;

use capstone::ledger::{Checker, Committed, Delivered, Expectation, Kind, Outcome};
use capstone_outbox::MessageId;
use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Child;
use tokio::time::sleep;

use crate::support::{EXAMPLES, EXAMPLES_COUNT, Place, command, ended_child, lines, run, signal};

/// A message is given up after this many starts without an outcome.
const STARTS_MAX: u64 = 3;
const KILLS: u64 = 20;
/// The relay's window: what one kill may repeat.
const WINDOW: u64 = 1_024;

#[tokio::test]
async fn twenty_kills_lose_invent_and_reorder_nothing() {
    let seed = seed();
    let mut random = fastrand::Rng::with_seed(seed);
    let place = Place::new();
    let input = place.path("in.ndjson");
    fs::write(&input, copies()).unwrap();
    run(&["enqueue", "--db", &place.db(), "--file", input.to_str().unwrap()]).await.done();
    let out = place.path("out.ndjson");
    let sink = format!("file:{}", out.display());

    let mut hits = 0;
    for kill in 0..KILLS {
        let relay = command(&["relay", "--db", &place.db(), "--sink", &sink]).spawn().unwrap();
        kill_in_work(relay, (&input, &out), KILLS - kill, &mut random).await;
        hits += u64::from(place.pending().await > 0);
        check_database(&place.path("shop.db"));
    }
    assert!(hits >= KILLS / 2, "seed {seed}: only {hits} of {KILLS} kills came while there was work");
    drain(&place.db(), &sink, KILLS).await;
    assert_eq!(place.pending().await, 0);
    check_ledgers(&input, &out, KILLS * WINDOW, seed);
}

/// Relays what is left. On a busy machine several kills in a row can meet the same messages before one of them is published.
/// Then the relay parks them as if they had ended the process, which an operator takes back.
pub(crate) async fn drain(db: &str, sink: &str, kills: u64) {
    let relay = ["relay", "--db", db, "--sink", sink, "--until-empty"];
    run(&relay).await.done();
    let accused = run(&["keys", "list", "--json", "--db", db]).await.done().stdout.lines().count();
    assert!(accused as u64 * STARTS_MAX <= kills, "{accused} keys are parked after {kills} kills");
    if accused > 0 {
        let recorded = run(&["keys", "retry", "--parked", "--wait", "1", "--db", db]).await;
        assert_eq!(recorded.code, 3, "no relay runs, so the next one does it: {}", recorded.stderr);
        run(&relay).await.done();
    }
}

/// Kills it once it has written a random part of what is left, so that the kills are spread over the whole run.
pub(crate) async fn kill_in_work(
    relay: Child,
    (input, out): (&Path, &Path),
    kills_left: u64,
    random: &mut fastrand::Rng,
) {
    kill_once_moved(relay, length(input), || length(out), kills_left, random).await;
}

/// The same where `moved` tells how much of `total` is done.
async fn kill_once_moved(
    mut relay: Child,
    total: u64,
    moved: impl Fn() -> u64,
    kills_left: u64,
    random: &mut fastrand::Rng,
) {
    let done = moved();
    let enough = done + random.u64(0..=total.saturating_sub(done) / kills_left);
    let patience = Duration::from_millis(random.u64(0..20));
    for _ in 0..1_000 {
        if moved() >= enough {
            break;
        }
        sleep(Duration::from_millis(1)).await;
    }
    sleep(patience).await;
    relay.kill().await.unwrap();
}

#[tokio::test]
async fn a_stream_has_each_message_once_whenever_the_relay_is_killed() {
    let seed = seed();
    let mut random = fastrand::Rng::with_seed(seed);
    let place = Place::new();
    let input = place.path("in.ndjson");
    fs::write(&input, copies()).unwrap();
    run(&["enqueue", "--db", &place.db(), "--file", input.to_str().unwrap()]).await.done();
    let total = place.pending().await;
    // Looks at the database beside the relay.
    let observer = Connection::open(place.path("shop.db")).unwrap();
    let moved = || {
        let last = "SELECT coalesce(max(last_seq), 0) FROM outbox_stream";
        observer.query_row(last, [], |row| row.get::<_, i64>(0)).unwrap().cast_unsigned()
    };
    let mut hits = 0;
    for kill in 0..KILLS {
        let relay = command(&["relay", "--db", &place.db(), "--sink", "stream"]).spawn().unwrap();
        kill_once_moved(relay, total, &moved, KILLS - kill, &mut random).await;
        hits += u64::from(moved() < total);
        check_database(&place.path("shop.db"));
    }
    assert!(hits >= KILLS / 2, "seed {seed}: only {hits} of {KILLS} kills came while there was work");
    drain(&place.db(), "stream", KILLS).await;
    assert_eq!(place.pending().await, 0);
    let replayed = run(&["stream", "replay", "--db", &place.db()]).await.done().stdout;
    let out = place.path("out.ndjson");
    fs::write(&out, replayed).unwrap();
    assert_eq!(lines(&out), usize::try_from(total).unwrap());
    check_ledgers(&input, &out, 0, seed);
}

/// The example events several times over, under other keys and ids: enough work to be killed at.
pub(crate) fn copies() -> String {
    let mut text = String::new();
    for copy in 0..10 {
        for line in read(Path::new(EXAMPLES)) {
            let Line { key, topic, headers, payload, .. } = line;
            let (id, key) = (MessageId::generate().to_string(), key.map(|key| format!("{key}/{copy}")));
            text += &serde_json::to_string(&Line { id, key, topic, headers, payload }).unwrap();
            text += "\n";
        }
    }
    text
}

pub(crate) fn length(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |metadata| metadata.len())
}

/// Printed on failure, so that a failure can be run again: `CAPSTONE_SEED=…`.
pub(crate) fn seed() -> u64 {
    std::env::var("CAPSTONE_SEED")
        .ok()
        .and_then(|seed| seed.parse().ok())
        .unwrap_or_else(|| fastrand::u64(..))
}

#[tokio::test]
async fn a_clean_stop_leaves_no_duplicate() {
    let place = Place::with_examples().await;
    let out = place.path("out.ndjson");
    let sink = format!("file:{}", out.display());
    let mut stops = 0;
    while lines(&out) < 4_000 && stops < 10 {
        let before = lines(&out);
        let relay = command(&["relay", "--db", &place.db(), "--sink", &sink]).spawn().unwrap();
        // Once it writes, it also listens to signals.
        while lines(&out) == before {
            sleep(Duration::from_millis(1)).await;
        }
        signal(&relay, "-TERM").await;
        ended_child(relay).await.done();
        stops += 1;
    }
    assert!(stops > 1, "the first stop came when all was done");
    place.relay_to("out.ndjson").await.done();
    check_ledgers(Path::new(EXAMPLES), &out, 0, 0);
}

#[tokio::test]
async fn a_second_signal_exits_at_once() {
    let place = Place::with_examples().await;
    let mut relay = command(&["relay", "--db", &place.db(), "--sink", "stdout"]).spawn().unwrap();
    // One line is read and the rest is not: the drain waits for a pipe that is full.
    let mut stdout = BufReader::new(relay.stdout.take().unwrap()).lines();
    let mut stderr = BufReader::new(relay.stderr.take().unwrap()).lines();
    stdout.next_line().await.unwrap().expect("a message");
    signal(&relay, "-TERM").await;
    let asked = stderr.next_line().await.unwrap().expect("a word");
    assert!(asked.starts_with("stopping: "), "{asked}");
    signal(&relay, "-TERM").await;
    assert_eq!(relay.wait().await.unwrap().code(), Some(130));
    place.relay_to("out.ndjson").await.done();
    assert_eq!(place.pending().await, 0);
}

#[tokio::test]
async fn a_stop_waits_for_a_stuck_pipe_as_long_as_a_publish_may_take() {
    let place = Place::with_examples().await;
    let mut relay = command(&["relay", "--db", &place.db(), "--sink", "stdout"]).spawn().unwrap();
    let mut stdout = BufReader::new(relay.stdout.take().unwrap()).lines();
    stdout.next_line().await.unwrap().expect("a message");
    signal(&relay, "-TERM").await;
    // The pipe is full and nobody reads it: after 4 s what is under way counts as failed, and stays in the outbox.
    let ended = tokio::time::timeout(Duration::from_secs(60), relay.wait()).await.expect("it ends");
    assert_eq!(ended.unwrap().code(), Some(0));
    assert!(place.pending().await > 0);
    place.relay_to("out.ndjson").await.done();
    assert_eq!(place.pending().await, 0, "the lane was given back");
}

#[tokio::test]
async fn a_killed_enqueue_is_all_or_nothing() {
    for delay_ms in [0, 5, 10, 20, 40, 60, 80, 100] {
        let place = Place::new();
        run(&["migrate", "--db", &place.db()]).await.done();
        let mut enqueue = command(&["enqueue", "--db", &place.db(), "--file", EXAMPLES]).spawn().unwrap();
        sleep(Duration::from_millis(delay_ms)).await;
        enqueue.kill().await.unwrap();
        let pending = place.pending().await;
        assert!(pending == 0 || pending == EXAMPLES_COUNT, "{pending} after {delay_ms} ms");
        check_database(&place.path("shop.db"));
    }
}

/// I12: the store is whole.
fn check_database(path: &Path) {
    let connection = Connection::open(path).unwrap();
    let verdict: String = connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(verdict, "ok");
}

/// A line of either side, as far as it must be the same.
#[derive(Deserialize, Serialize)]
struct Line {
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    topic: String,
    headers: BTreeMap<String, String>,
    payload: Box<RawValue>,
}

#[derive(Deserialize)]
struct Numbered {
    n: Option<u64>,
}

impl Line {
    fn seq(&self) -> u64 {
        serde_json::from_str::<Numbered>(self.payload.get()).unwrap().n.unwrap_or(0)
    }

    /// Of everything that must arrive byte for byte.
    fn crc32(&self) -> u32 {
        crc32fast::hash(format!("{}\n{:?}\n{}", self.topic, self.headers, self.payload).as_bytes())
    }
}

fn read(path: &Path) -> impl Iterator<Item = Line> {
    let text = fs::read_to_string(path).unwrap();
    let lines: Vec<Line> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    lines.into_iter()
}

/// I1 to I5: what was enqueued against what was delivered.
#[track_caller]
pub(crate) fn check_ledgers(input: &Path, out: &Path, duplicates_max: u64, seed: u64) {
    let subscribers = [("file".to_owned(), Kind::Ordered)].into();
    let mut checker = Checker::new(Expectation { subscribers, duplicates_max });
    let mut enqueued = 0;
    for line in read(input) {
        enqueued += 1;
        let (seq, crc32, outcome) = (line.seq(), line.crc32(), Outcome::Committed);
        checker.committed(Committed { id: line.id, key: line.key, seq, crc32, outcome }).unwrap();
    }
    for line in read(out) {
        let (seq, crc32, subscriber) = (line.seq(), line.crc32(), "file".to_owned());
        checker.delivered(Delivered { subscriber, id: line.id, key: line.key, seq, crc32 }).unwrap();
    }
    let verdict = checker.verdict();
    assert!(verdict.holds && verdict.committed == enqueued && enqueued > 0, "seed {seed}:\n{verdict}");
}
