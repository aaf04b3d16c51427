//! What lesson 20 claims, each claim a test: the whole story with exact milliseconds, on the paused clock. What reads a
//! real file is tested on the real one.

use std::time::Duration;
use std::{fs, io};

use lesson_20::config::Config;
use lesson_20::file::File;
use lesson_20::relay::relay;
use lesson_20::reload::{EVERY, Look, look, reload};
use lesson_20::story::{self, A_TYPO, TWO_EDITS, one_hundred};
use lesson_20::wrong;
use shared::{HOUR, Journal, Pace, assert_journal};
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout};

const STUCK: &str = "no task can go on";

// ANCHOR: send-notifies
#[tokio::test(start_paused = true)]
async fn send_tells_of_a_value_that_is_the_same() {
    let (tx, mut rx) = watch::channel(100);
    assert!(!rx.has_changed().unwrap());

    tx.send(100).unwrap();
    assert!(rx.has_changed().unwrap()); // 100 was overwritten by 100
    rx.mark_unchanged();

    tx.send_if_modified(|_current| false); // nothing was modified, says the closure
    assert!(!rx.has_changed().unwrap());
}
// ANCHOR_END: send-notifies

#[tokio::test(start_paused = true)]
async fn wrong_a_relay_connects_again_although_nothing_has_changed() {
    let journal = Journal::new();
    timeout(HOUR, story::send_always(journal.clone(), Pace::FULL)).await.expect(STUCK);
    assert_journal!(
        journal,
        [
            (0, "relay", "connects to broker-1"),
            (2000, "relay", "publishes batches of 100 to broker-1"),
            (30_000, "reload", "sends what it has read"),
            (30_000, "relay", "connects to broker-1"),
            (32_000, "relay", "publishes batches of 100 to broker-1"),
            (60_000, "reload", "sends what it has read"),
            (60_000, "relay", "connects to broker-1"),
            (62_000, "relay", "publishes batches of 100 to broker-1"),
            (90_000, "reload", "sends what it has read"),
            (90_000, "relay", "connects to broker-1"),
            (92_000, "relay", "publishes batches of 100 to broker-1"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_relay_is_told_what_has_changed_and_only_the_latest() {
    let journal = Journal::new();
    timeout(HOUR, story::reloaded(TWO_EDITS, 100, journal.clone(), Pace::FULL)).await.expect(STUCK);
    assert_journal!(
        journal,
        [
            (0, "relay", "connects to broker-1"),
            (2000, "relay", "publishes batches of 100 to broker-1"),
            (30_000, "reload", "finds nothing new"),
            (35_000, "editor", "writes batch_size = 200"),
            (50_000, "editor", "writes batch_size = 300"),
            (60_000, "reload", "tells of a change"),
            (60_000, "relay", "connects to broker-1"),
            (62_000, "relay", "publishes batches of 300 to broker-1"), // never of 200
            (90_000, "reload", "finds nothing new"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn wrong_a_typo_ends_the_reloading_and_the_relay() {
    let journal = Journal::new();
    timeout(HOUR, story::first_error(journal.clone(), Pace::FULL)).await.expect(STUCK);
    assert_journal!(
        journal,
        [
            (0, "relay", "connects to broker-1"),
            (2000, "relay", "publishes batches of 100 to broker-1"),
            (30_000, "reload", "has read the file"),
            (35_000, "editor", "writes batch_size = many"),
            (60_000, "reload", "ends: batch_size is not 1 to 1000: many"),
            (60_000, "relay", "ends: nobody reloads any more"),
            (65_000, "editor", "writes batch_size = 200"), // and nobody reads it
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_bad_file_keeps_the_old_configuration_and_a_good_one_is_taken_on() {
    let journal = Journal::new();
    timeout(HOUR, story::reloaded(A_TYPO, 100, journal.clone(), Pace::FULL)).await.expect(STUCK);
    assert_journal!(
        journal,
        [
            (0, "relay", "connects to broker-1"),
            (2000, "relay", "publishes batches of 100 to broker-1"),
            (30_000, "reload", "finds nothing new"),
            (35_000, "editor", "writes batch_size = many"),
            (60_000, "reload", "keeps the old one: batch_size is not 1 to 1000: many"),
            (65_000, "editor", "writes batch_size = 200"),
            (90_000, "reload", "tells of a change"),
            (90_000, "relay", "connects to broker-1"),
            (92_000, "relay", "publishes batches of 200 to broker-1"),
        ]
    );
}

/// A change to another broker after 1 s, while the relay connects to the first.
async fn move_after_1_s(operator: watch::Sender<Config>) {
    sleep(Duration::from_secs(1)).await;
    operator.send_replace(Config { broker: "broker-2".to_owned(), batch_size: 500 });
    sleep(Duration::from_secs(4)).await;
}

#[tokio::test(start_paused = true)]
async fn wrong_two_looks_mix_two_configurations() {
    let (journal, (tx, rx)) = (Journal::new(), watch::channel(one_hundred()));
    tokio::join!(move_after_1_s(tx), wrong::two_looks(rx, journal.clone(), Pace::FULL));
    assert_journal!(
        journal,
        [
            (0, "relay", "connects to broker-1"),
            (2000, "relay", "publishes batches of 500 to broker-1"), // nobody has configured that
            (5000, "relay", "ends: nobody reloads any more"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn one_look_takes_a_whole_configuration() {
    let (journal, (tx, rx)) = (Journal::new(), watch::channel(one_hundred()));
    tokio::join!(move_after_1_s(tx), relay(rx, journal.clone(), Pace::FULL));
    assert_journal!(
        journal,
        [
            (0, "relay", "connects to broker-1"),
            (2000, "relay", "publishes batches of 100 to broker-1"),
            (2000, "relay", "connects to broker-2"), // changed since the look: told at once
            (4000, "relay", "publishes batches of 500 to broker-2"),
            (5000, "relay", "ends: nobody reloads any more"),
        ]
    );
}

// ANCHOR: first-value
#[tokio::test(start_paused = true)]
async fn the_first_value_counts_as_seen() {
    let (_tx, mut rx) = watch::channel(100);
    assert_eq!(*rx.borrow(), 100); // it is there
    timeout(HOUR, rx.changed()).await.expect_err("and nobody is told of it");
}
// ANCHOR_END: first-value

// ANCHOR: nobody-reads
#[tokio::test(start_paused = true)]
async fn send_keeps_nothing_when_nobody_reads_and_send_if_modified_does() {
    let (tx, rx) = watch::channel(100);
    drop(rx);
    assert_eq!(tx.send(200).unwrap_err().0, 200); // given back
    assert_eq!(*tx.subscribe().borrow(), 100); // whoever comes later gets the old one

    tx.send_if_modified(|current| {
        *current = 200;
        true
    });
    assert_eq!(*tx.subscribe().borrow(), 200);
}
// ANCHOR_END: nobody-reads

#[tokio::test(start_paused = true)]
async fn the_reloading_ends_when_nobody_reads() {
    let (file, (tx, rx)) = (File::new("100"), watch::channel(one_hundred()));
    let start = Instant::now();
    let reloading = reload(|| file.read(), tx, Journal::new(), Pace::FULL);
    let reading = async {
        sleep(EVERY + EVERY / 2).await;
        drop(rx);
    };
    timeout(HOUR, async { tokio::join!(reloading, reading) }).await.expect(STUCK);
    assert_eq!(start.elapsed(), EVERY + EVERY / 2, "at once, not at the next look");
}

#[test]
fn every_bad_file_is_refused_with_its_reason() {
    let (tx, rx) = watch::channel(one_hundred());
    let bad = |text: &str| look(Ok(text.to_owned()), &tx);
    assert_eq!(bad("broker = broker-2\n"), Look::Bad("batch_size is missing".to_owned())); // half-written
    assert_eq!(bad(""), Look::Bad("broker is missing".to_owned()));
    assert_eq!(bad("broker = b\nbatch_size = 0"), Look::Bad("batch_size is not 1 to 1000: 0".to_owned()));
    assert_eq!(bad("broker = b\nbatchsize = 1"), Look::Bad("nobody knows batchsize".to_owned()));
    let unreadable = look(Err(io::ErrorKind::PermissionDenied.into()), &tx);
    assert_eq!(unreadable, Look::Bad("permission denied".to_owned()));

    assert_eq!(*rx.borrow(), one_hundred());
    assert!(!rx.has_changed().unwrap(), "nobody is told of a bad file");
}

// ANCHOR: real-file
#[tokio::test] // on the real clock: the paused one must not wait for a disk
async fn a_real_file_is_reloaded() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("relay.conf");
    let (tx, rx) = watch::channel(one_hundred());
    let missing = look(tokio::fs::read_to_string(&path).await, &tx);
    assert!(matches!(missing, Look::Bad(_)));

    fs::write(&path, "broker = broker-2\nbatch_size = 500\n").unwrap();
    assert_eq!(look(tokio::fs::read_to_string(&path).await, &tx), Look::Changed);
    assert_eq!(look(tokio::fs::read_to_string(&path).await, &tx), Look::Same);
    assert_eq!(rx.borrow().batch_size, 500);
}
// ANCHOR_END: real-file

#[test]
fn the_printed_timelines_are_the_ones_in_the_book() {
    story::story().assert_artifacts(env!("CARGO_MANIFEST_DIR"));
}
