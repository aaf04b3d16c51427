//! Bad input gets one clear line and the right exit code; nothing is lost, nothing is half written.

use std::fs;
use std::process::Stdio;
use std::time::Duration;

use rusqlite::{Connection, TransactionBehavior};
use tokio::io::{AsyncBufReadExt, BufReader};

use crate::support::{EXAMPLES, EXAMPLES_COUNT, Place, command, ended_child, lines, run, run_with, signal};

const GOOD: &str = "{\"topic\":\"orders.created\",\"payload\":1}\n";

#[tokio::test]
async fn a_bad_line_names_file_line_and_field_and_enqueues_nothing() {
    for (bad, words) in [
        ("{\"topic\":\"orders.created\",", &["not a JSON object", "EOF"][..]),
        ("{\"topic\":\"a..b\",\"payload\":1}", &["field \"topic\"", "token 2 is empty"]),
        ("{\"topic\":\"orders.*\",\"payload\":1}", &["field \"topic\"", "orders.*"]),
        ("{\"topic\":\"a\"}", &["field \"payload\" is missing"]),
        ("{\"topic\":\"a\",\"payload\":1,\"id\":\"7\"}", &["field \"id\""]),
        (
            "{\"topic\":\"a\",\"payload\":1,\"headers\":{\"a\":1}}",
            &["field \"headers\"", "expected a string"],
        ),
        ("{\"topic\":\"a\",\"payload\":1,\"colour\":1}", &["unknown field `colour`"]),
    ] {
        let place = Place::new();
        let file = place.path("in.ndjson");
        fs::write(&file, format!("{GOOD}\n{bad}\n{GOOD}")).unwrap();
        let ended = run(&["enqueue", "--db", &place.db(), "--file", file.to_str().unwrap()]).await;
        ended.failed_with(&["nothing was enqueued", "in.ndjson, line 3: "]);
        ended.failed_with(words);
        assert_eq!(place.pending().await, 0);
    }
}

#[tokio::test]
async fn per_line_keeps_what_came_before_the_bad_line() {
    let place = Place::new();
    let input = format!("{GOOD}{GOOD}oops\n{GOOD}");
    let ended = run_with(&["enqueue", "--per-line", "--db", &place.db()], &input).await;
    ended.failed_with(&["enqueued 2, then stopped", "standard input, line 3: not a JSON object"]);
    assert_eq!(place.pending().await, 2);
}

#[tokio::test]
async fn a_mark_that_says_utf_8_is_passed_over_at_the_beginning_only() {
    let place = Place::new();
    assert_eq!(place.enqueue(&format!("\u{feff}{GOOD}{GOOD}")).await.done().stderr, "enqueued 2\n");
    assert_eq!(place.enqueue("\u{feff}").await.done().stderr, "enqueued 0\n");
    let marked = format!("{GOOD}\u{feff}{GOOD}");
    place.enqueue(&marked).await.failed_with(&["standard input, line 2: not a JSON object"]);
}

#[tokio::test]
async fn bytes_that_are_not_text_are_refused() {
    let place = Place::new();
    let file = place.path("in.ndjson");
    fs::write(&file, b"{\"topic\":\"a\",\"payload\":\"\xff\"}\n").unwrap();
    let ended = run(&["enqueue", "--db", &place.db(), "--file", file.to_str().unwrap()]).await;
    ended.failed_with(&["in.ndjson, line 1: not UTF-8"]);
    let missing = place.path("missing.ndjson");
    let ended = run(&["enqueue", "--db", &place.db(), "--file", missing.to_str().unwrap()]).await;
    ended.failed_with(&["missing.ndjson: No such file"]);
}

#[tokio::test]
async fn a_file_that_is_no_database_is_left_as_it_is() {
    let place = Place::new();
    fs::write(place.path("shop.db"), "a letter, not a database. ".repeat(50)).unwrap();
    let before = fs::read(place.path("shop.db")).unwrap();
    for arguments in [
        &["enqueue", "--db", &place.db(), "--file", EXAMPLES][..],
        &["relay", "--db", &place.db(), "--sink", "stdout"],
        &["status", "--db", &place.db()],
        &["migrate", "--db", &place.db()],
    ] {
        run(arguments).await.failed_with(&["shop.db: not an SQLite database"]);
    }
    assert_eq!(fs::read(place.path("shop.db")).unwrap(), before);
}

#[tokio::test]
async fn a_missing_database_is_not_created_by_a_look_at_it() {
    let place = Place::new();
    run(&["status", "--db", &place.db()]).await.failed_with(&["shop.db: no such file"]);
    assert!(!place.path("shop.db").exists());
}

#[tokio::test]
async fn an_applications_database_wants_a_migration() {
    let place = Place::new();
    Connection::open(place.path("shop.db"))
        .unwrap()
        .execute_batch("CREATE TABLE orders (id INTEGER)")
        .unwrap();
    for arguments in [
        &["enqueue", "--db", &place.db(), "--file", EXAMPLES][..],
        &["relay", "--db", &place.db(), "--sink", "stdout"],
        &["status", "--db", &place.db()],
    ] {
        run(arguments).await.failed_with(&["shop.db: has no outbox tables", "capstone migrate --db sqlite:"]);
    }
    run(&["migrate", "--db", &place.db()]).await.done();
    place.enqueue(GOOD).await.done();
}

#[tokio::test]
async fn a_locked_database_is_said_to_be_locked_and_gets_nothing() {
    let place = Place::new();
    run(&["migrate", "--db", &place.db()]).await.done();
    let mut other = Connection::open(place.path("shop.db")).unwrap();
    let lock = other.transaction_with_behavior(TransactionBehavior::Immediate).unwrap();
    place.enqueue(GOOD).await.failed_with(&["shop.db: locked by another process for 5 s"]);
    lock.commit().unwrap();
    assert_eq!(place.pending().await, 0);
}

#[tokio::test]
async fn a_sink_that_cannot_be_opened_is_named_and_nothing_is_lost() {
    let place = Place::new();
    place.enqueue(GOOD).await.done();
    place.relay_to("missing/out.ndjson").await.failed_with(&["sink: ", "missing/out.ndjson: No such file"]);
    fs::write(place.path("letter.txt"), "Dear reader").unwrap();
    place.relay_to("letter.txt").await.failed_with(&["letter.txt", "is not a message"]);
    assert_eq!(fs::read_to_string(place.path("letter.txt")).unwrap(), "Dear reader");
    assert_eq!(place.pending().await, 1);
}

/// A folder that is taken away, as a volume is: the relay says so once, keeps everything, and stops when it is told to.
#[cfg(unix)]
#[tokio::test]
async fn a_sink_that_fails_later_is_waited_for_and_nothing_is_lost() {
    let place = Place::new();
    fs::create_dir(place.path("logs")).unwrap();
    let (db, file) = (place.db(), place.path("logs/out.ndjson"));
    let sink = format!("file:{}", file.display());
    run(&["migrate", "--db", &db]).await.done();
    let mut child = command(&["relay", "--db", &db, "--sink", &sink]).spawn().unwrap();
    while !file.exists() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    fs::rename(place.path("logs"), place.path("gone")).unwrap();
    run(&["enqueue", "--db", &db, "--file", EXAMPLES]).await.done();
    let mut stderr = BufReader::new(child.stderr.take().unwrap()).lines();
    let warning = stderr.next_line().await.unwrap().unwrap();
    let words = format!("the sink is unavailable, trying again: {}: No such file", file.display());
    assert!(warning.contains(&words), "{warning}");
    signal(&child, "-TERM").await;
    ended_child(child).await.done();
    assert_eq!(place.pending().await, EXAMPLES_COUNT);
    // It is back: everything arrives.
    fs::rename(place.path("gone"), place.path("logs")).unwrap();
    place.relay_to("logs/out.ndjson").await.done();
    assert_eq!(lines(&file), 4_000);
}

#[cfg(unix)]
#[tokio::test]
async fn a_sink_that_is_no_regular_file_is_refused_and_nothing_is_lost() {
    let place = Place::new();
    place.enqueue(GOOD).await.done();
    let pipe = place.path("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    place.relay_to("pipe").await.failed_with(&["sink: ", "pipe: is a pipe, not a regular file", "stdout"]);
    assert_eq!(place.pending().await, 1);
    let doctor = run(&["doctor", "--db", &place.db(), "--sink", &format!("file:{}", pipe.display())]).await;
    assert!(doctor.code == 1 && doctor.stdout.contains("is no regular file"), "{}", doctor.stdout);
}

#[tokio::test]
async fn a_pipe_that_nobody_reads_ends_the_relay_and_loses_nothing() {
    let place = Place::with_examples().await;
    let mut child =
        command(&["relay", "--db", &place.db(), "--sink", "stdout"]).stdout(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let ended = tokio::time::timeout(Duration::from_secs(30), ended_child(child)).await.expect("it ends");
    ended.failed_with(&["the sink is closed: nobody reads standard output any more"]);
    assert_eq!(place.pending().await, EXAMPLES_COUNT);
}
