//! Somebody moves another file over the database of a running process, or removes its log.

use std::fs;
use std::time::Duration;

use tokio::process::{Child, Command};
use tokio::time::timeout;

use crate::support::{Ended, Place, command, ended_child, run, signal};

const GOOD: &str = "{\"topic\":\"a.b\",\"payload\":1}\n";

/// A relay that has the lane and may publish nothing, so that what is enqueued stays.
async fn paused_relay(place: &Place) -> Child {
    run(&["migrate", "--db", &place.db()]).await.done();
    run(&["pause", "--db", &place.db()]).await.done();
    let relay = command(&["relay", "--db", &place.db(), "--sink", "stdout"]).spawn().unwrap();
    while run(&["status", "--db", &place.db()]).await.done().stdout.contains("relay    none") {}
    relay
}

async fn sh(place: &Place, script: &str) {
    assert!(
        Command::new("sh")
            .args(["-ec", script])
            .current_dir(place.path(""))
            .status()
            .await
            .unwrap()
            .success()
    );
}

/// It gives up by itself, with one line that says why and what to do.
async fn gave_up(relay: Child) -> Ended {
    timeout(Duration::from_secs(30), ended_child(relay)).await.expect("within seconds")
}

#[tokio::test]
async fn a_backup_that_is_moved_over_the_file_ends_the_relay() {
    let place = Place::new();
    let relay = paused_relay(&place).await;
    sh(&place, "cp shop.db backup.db; mv backup.db shop.db; rm shop.db-wal shop.db-shm").await;
    place.enqueue(GOOD).await.done();
    let ended = gave_up(relay).await;
    let line = ended.stderr.lines().last().unwrap();
    assert_eq!(ended.code, 1, "{}", ended.stderr);
    assert!(
        line.contains("shop.db: the file was replaced by another while it was open: stop every"),
        "{line}"
    );
    assert_eq!(place.pending().await, 1);
}

#[tokio::test]
async fn a_log_that_is_removed_ends_the_relay_and_nothing_is_lost() {
    let place = Place::new();
    let relay = paused_relay(&place).await;
    place.enqueue(GOOD).await.done();
    sh(&place, "rm shop.db-wal shop.db-shm").await;
    let ended = gave_up(relay).await;
    let line = ended.stderr.lines().last().unwrap();
    assert_eq!(ended.code, 1, "{}", ended.stderr);
    assert!(line.contains("shop.db: its -wal file was removed or renamed while it was open"), "{line}");
    assert!(line.contains("stop every process that uses the database"), "{line}");
    assert_eq!(place.pending().await, 1, "what only the removed log held is in the file");
}

/// Whether the relay has noticed or was stopped before: what others have written to a log of their own stays theirs.
#[tokio::test]
async fn a_log_that_others_have_begun_anew_survives_the_relay() {
    for is_stopped_first in [true, false] {
        let place = Place::new();
        let relay = paused_relay(&place).await;
        sh(&place, "rm shop.db-wal shop.db-shm").await;
        place.enqueue(&GOOD.repeat(200)).await.done();
        assert!(fs::metadata(place.path("shop.db-wal")).unwrap().len() > 0, "they could not clear it away");
        if is_stopped_first {
            signal(&relay, "-TERM").await;
        }
        let ended = gave_up(relay).await;
        assert!(ended.code == 1 || is_stopped_first, "{}", ended.stderr);
        assert_eq!(place.pending().await, 200, "stopped first: {is_stopped_first}");
    }
}

#[cfg(feature = "http")]
#[tokio::test]
async fn serve_ends_too() {
    let place = Place::new();
    run(&["migrate", "--db", &place.db()]).await.done();
    let arguments = ["serve", "--db", &place.db(), "--listen", "127.0.0.1:0"];
    let serve = command(&arguments).spawn().unwrap();
    while run(&["status", "--db", &place.db()]).await.done().stdout.contains("relay    none") {}
    sh(&place, "mv shop.db shop.old").await;
    let ended = gave_up(serve).await;
    assert_eq!(ended.code, 1, "{}", ended.stderr);
    assert!(ended.stderr.contains("the file was removed or renamed while it was open"), "{}", ended.stderr);
}
