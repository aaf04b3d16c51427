//! What may be read and not written, what belongs to somebody else, and what is not there.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::time::Duration;

use rusqlite::Connection;
use tokio::process::Command;
use tokio::time::timeout;

use crate::doctor::Examined;
#[cfg(feature = "postgres")]
use crate::support::run_with;
use crate::support::{Ended, Place, command, ended, lines, run};

const GOOD: &str = "{\"topic\":\"a.b\",\"key\":\"k\",\"payload\":1}\n";
/// Longer than anything here takes. Only a test that fails waits for so long.
const PATIENCE: Duration = Duration::from_secs(60);
/// `nobody`, on every system.
const OTHER: u32 = 65_534;

/// Runs as a user who owns nothing here: another one if these tests may do everything.
async fn run_as_other(arguments: &[&str]) -> Option<Ended> {
    let mut command = command(arguments);
    if fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0) {
        command.uid(OTHER).gid(OTHER);
    }
    match timeout(PATIENCE, command.output()).await.expect("it ends by itself") {
        Ok(output) => Some(ended(output)),
        Err(error) => {
            eprintln!("skipped: another user cannot run the program: {error}");
            None
        }
    }
}

fn allow(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

/// One message waits and one is dead, and nobody has the file open.
async fn place() -> Place {
    let place = Place::new();
    place.enqueue(&GOOD.repeat(2)).await.done();
    sql(&place, "INSERT INTO outbox_dead SELECT seq, id, topic, key, headers, payload, created_ms, 1, 'no', 0 FROM outbox WHERE seq = 1;
        DELETE FROM outbox WHERE seq = 1");
    place
}

fn sql(place: &Place, statement: &str) {
    Connection::open(place.path("shop.db")).unwrap().execute_batch(statement).unwrap();
}

fn looks(db: &str) -> [Vec<&str>; 5] {
    [
        vec!["status", "--db", db],
        vec!["dead", "list", "--db", db],
        vec!["keys", "list", "--db", db],
        vec!["stream", "list", "--db", db],
        vec!["doctor", "--db", db],
    ]
}

#[tokio::test]
async fn a_file_in_a_folder_of_others_can_be_looked_at_and_not_changed() {
    let place = place().await;
    allow(&place.path(""), 0o555);
    for look in looks(&place.db()) {
        let Some(ended) = run_as_other(&look).await else { return };
        assert_eq!(ended.code, i32::from(look[0] == "doctor"), "{look:?}: {}{}", ended.stdout, ended.stderr);
    }
    let status = run_as_other(&["status", "--db", &place.db()]).await.unwrap().done().stdout;
    assert!(status.starts_with("pending  1  ") && status.contains("dead     1\n"), "{status}");
    let examined = Examined::of(&run_as_other(&["doctor", "--json", "--db", &place.db()]).await.unwrap());
    examined.says("write lock", "warning", &["may only be read"]).says("integrity", "ok", &[]);
    examined.says("relay", "problem", &["1 message"]);
    for change in [
        &["dead", "discard", "--all"][..],
        &["pause"],
        &["relay", "--sink", "stdout"],
        &["relay", "--sink", "stream"],
    ] {
        let ended = run_as_other(&[change, &["--db", &place.db()]].concat()).await.unwrap();
        ended.failed_with(&["shop.db: cannot be written"]);
    }
    run_as_other(&["enqueue", "--db", &place.db()]).await.unwrap().failed_with(&[
        "shop.db: cannot be written: its folder is read-only, and SQLite keeps a log beside the file",
    ]);
    allow(&place.path(""), 0o755);
}

/// With a log of a process that was killed, its index is needed: SQLite cannot make one there.
#[tokio::test]
async fn what_is_missing_for_a_look_is_said() {
    let place = place().await;
    let killed = Connection::open(place.path("shop.db")).unwrap();
    killed.execute_batch("DELETE FROM outbox").unwrap();
    let copy = Place::new();
    for name in ["shop.db", "shop.db-wal"] {
        fs::copy(place.path(name), copy.path(name)).unwrap();
    }
    allow(&copy.path(""), 0o555);
    let Some(ended) = run_as_other(&["status", "--db", &copy.db()]).await else { return };
    ended.failed_with(&["shop.db: cannot be read: its log (-wal) wants a -shm file beside it"]);
    fs::copy(place.path("shop.db-shm"), copy.path("shop.db-shm")).unwrap();
    let status = run_as_other(&["status", "--db", &copy.db()]).await.unwrap().done().stdout;
    assert!(status.starts_with("pending  0\n"), "what the log says: {status}");
    allow(&copy.path(""), 0o755);
}

/// Runs the script where it may mount what it likes.
async fn with_mounts(place: &Place, script: &str) -> Option<Ended> {
    let mut unshare = Command::new("unshare");
    unshare.args(["-rm", "sh", "-ec", script, env!("CARGO_BIN_EXE_capstone")]).current_dir(place.path(""));
    let may = Command::new("unshare").args(["-rm", "mount", "-t", "tmpfs", "none", "/mnt"]).output().await;
    if !may.is_ok_and(|output| output.status.success()) {
        eprintln!("skipped: nothing can be mounted here");
        return None;
    }
    Some(ended(unshare.output().await.unwrap()))
}

#[tokio::test]
async fn a_read_only_file_system_can_be_looked_at() {
    let place = place().await;
    let script = "mkdir disk; mount -t tmpfs none disk; cp shop.db 'disk/100% a?b#c.db'; mount -o remount,ro disk
        for look in status 'dead list' 'keys list' 'stream list'; do $0 $look --db 'sqlite:disk/100% a?b#c.db'; done
        $0 doctor --db 'sqlite:disk/100% a?b#c.db' || true";
    let Some(ended) = with_mounts(&place, script).await else { return };
    let out = ended.done().stdout;
    assert!(out.starts_with("pending  1  ") && out.contains("may only be read"), "{out}");
}

#[tokio::test]
async fn a_lock_file_of_another_user_is_no_obstacle() {
    let place = place().await;
    // As `root` leaves it after a relay.
    fs::write(place.path("shop.db-relay"), "").unwrap();
    allow(&place.path("shop.db-relay"), 0o444);
    allow(&place.path("shop.db"), 0o666);
    allow(&place.path(""), 0o777);
    let sink = format!("file:{}", place.path("out.ndjson").display());
    let relay = ["relay", "--db", &place.db(), "--sink", &sink, "--until-empty"];
    let Some(ended) = run_as_other(&relay).await else { return };
    ended.done();
    assert_eq!(lines(&place.path("out.ndjson")), 1);

    allow(&place.path("shop.db-relay"), 0o000);
    let refused = run_as_other(&relay).await.unwrap();
    refused.failed_with(&["shop.db: cannot lock ", "shop.db-relay: Permission denied", "chmod a+r"]);
}

#[tokio::test]
async fn a_mistyped_path_makes_no_database() {
    let place = Place::new();
    for start in [&["relay", "--sink", "stdout", "--until-empty"][..], &["serve", "--listen", "127.0.0.1:0"]]
    {
        let db = place.db();
        let started = [start, &["--db", &db]].concat();
        let ended = timeout(PATIENCE, run(&started)).await.expect("it does not begin");
        ended.failed_with(&["shop.db: no such file", "`capstone migrate --db sqlite:", "makes one"]);
        assert!(!place.path("shop.db").exists(), "{start:?}");
    }
    let nowhere = format!("sqlite:{}", place.path("missing/shop.db").display());
    run(&["migrate", "--db", &nowhere]).await.failed_with(&["missing/shop.db: its folder is missing"]);
}

#[tokio::test]
async fn a_table_of_the_applications_own_that_has_our_name_is_named() {
    for (foreign, words) in [
        ("CREATE TABLE outbox (id INTEGER)", "table outbox already exists"),
        ("CREATE VIEW outbox_dead AS SELECT 1", "view outbox_dead already exists"),
        ("CREATE TABLE t (a); CREATE INDEX OUTBOX_ready ON t (a)", "index outbox_ready already exists"),
    ] {
        let place = Place::new();
        sql(&place, foreign);
        let before = fs::read(place.path("shop.db")).unwrap();
        let ended = run(&["migrate", "--db", &place.db()]).await;
        ended.failed_with(&[
            &format!("shop.db: {words}"),
            "is not ours: rename it, or keep the outbox in a file of its own",
        ]);
        assert_eq!(fs::read(place.path("shop.db")).unwrap()[100..], before[100..], "{foreign}");
    }
}

#[tokio::test]
async fn a_moment_that_is_none_is_shown_and_harms_nothing() {
    for moment in ["-9223372036854775808", "9223372036854775807", "-1"] {
        let place = place().await;
        sql(
            &place,
            &format!(
                "UPDATE outbox SET created_ms = {moment};
             UPDATE outbox_dead SET created_ms = {moment}, dead_ms = {moment};
             INSERT INTO outbox_trouble (kind, name, head_seq, attempts, retry_ms, error, since_ms)
               VALUES (0, 'k', 2, 1, {moment}, 'no', {moment});
             INSERT INTO outbox_pause (one, paused_by, since_ms) VALUES (1, 'anna', {moment})"
            ),
        );
        for look in looks(&place.db()) {
            let ended = run(&look).await;
            assert_eq!(ended.code, i32::from(look[0] == "doctor"), "{moment}, {look:?}: {}", ended.stderr);
        }
        let examined = Examined::of(&run(&["doctor", "--json", "--db", &place.db()]).await);
        examined.says("pause", "warning", &["anna"]).says("relay", "problem", &["1 message"]);
        // And what waits is delivered.
        run(&["resume", "--db", &place.db()]).await.done();
        sql(&place, "DELETE FROM outbox_trouble");
        place.relay_to("out.ndjson").await.done();
        assert_eq!(lines(&place.path("out.ndjson")), 1);
    }
}

#[cfg(feature = "postgres")]
#[tokio::test]
async fn an_infinite_moment_in_postgres_is_shown_and_harms_nothing() {
    let Some(server) = capstone_postgres_server::Server::start() else { return };
    let db = server.address("postgres");
    run(&["migrate", "--db", &db]).await.done();
    run_with(&["enqueue", "--db", &db], &GOOD.repeat(3)).await.done();
    let client = capstone_outbox::postgres::Target::parse(&db).unwrap().client().await.unwrap();
    for moment in ["infinity", "-infinity"] {
        let moments = format!(
            "UPDATE outbox SET created_at = '{moment}';
             WITH gone AS (DELETE FROM outbox WHERE seq = (SELECT min(seq) FROM outbox) RETURNING *)
               INSERT INTO outbox_dead (seq, id, topic, key, headers, payload, created_at, attempts, error, dead_at)
               SELECT seq, id, topic, key, headers, payload, created_at, 1, 'no', '{moment}' FROM gone;
             DELETE FROM outbox_trouble; DELETE FROM outbox_pause;
             INSERT INTO outbox_trouble (lane, kind, name, head_seq, head_id, attempts, retry_at, error, since)
               SELECT lane, 0, 'k', seq, id, 1, '{moment}', 'no', '{moment}' FROM outbox LIMIT 1;
             INSERT INTO outbox_pause (one, paused_by, since) VALUES (1, 'anna', '{moment}')"
        );
        client.batch_execute(&moments).await.unwrap();
        for look in looks(&db) {
            let ended = run(&look).await;
            assert_eq!(ended.code, i32::from(look[0] == "doctor"), "{moment}, {look:?}: {}", ended.stderr);
        }
        let examined = Examined::of(&run(&["doctor", "--json", "--db", &db]).await);
        examined.says("pause", "warning", &["anna"]).says("relay", "problem", &["message"]);
    }
}
