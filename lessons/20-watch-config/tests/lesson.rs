//! Every claim of lesson 20 as a test, with exact milliseconds on the paused clock. A real file and a blocked thread are
//! tested on the real one.

use std::sync::mpsc as std_mpsc;
use std::time::Duration;
use std::{fs, io, thread};

use lesson_20::config::Config;
use lesson_20::file::File;
use lesson_20::relay::relay;
use lesson_20::reload::{Check, EVERY, check, reload};
use lesson_20::story::{self, A_TYPO, TWO_EDITS, one_hundred};
use lesson_20::wrong;
use shared::{HOUR, Journal, Pace, assert_journal};
use tokio::runtime::Builder;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout};
use tokio_test::{assert_pending, task};

const STUCK: &str = "no task can make progress";

// ANCHOR: send-notifies
#[tokio::test(start_paused = true)]
async fn send_notifies_even_when_the_value_is_the_same() {
    let (tx, mut rx) = watch::channel(100);
    assert!(!rx.has_changed().unwrap());

    tx.send(100).unwrap();
    assert!(rx.has_changed().unwrap()); // 100 was overwritten by 100
    rx.mark_unchanged();

    tx.send_if_modified(|_current| false); // the closure says that nothing was modified
    assert!(!rx.has_changed().unwrap());
}
// ANCHOR_END: send-notifies

#[tokio::test(start_paused = true)]
async fn wrong_a_relay_reconnects_although_nothing_has_changed() {
    let journal = Journal::new();
    timeout(HOUR, story::send_always(journal.clone(), Pace::FULL)).await.expect(STUCK);
    assert_journal!(
        journal,
        [
            (0, "relay", "connects to broker-1"),
            (2000, "relay", "publishes batches of 100 to broker-1"),
            (30_000, "reload", "sends what it read"),
            (30_000, "relay", "connects to broker-1"),
            (32_000, "relay", "publishes batches of 100 to broker-1"),
            (60_000, "reload", "sends what it read"),
            (60_000, "relay", "connects to broker-1"),
            (62_000, "relay", "publishes batches of 100 to broker-1"),
            (90_000, "reload", "sends what it read"),
            (90_000, "relay", "connects to broker-1"),
            (92_000, "relay", "publishes batches of 100 to broker-1"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_relay_is_notified_of_a_change_and_gets_only_the_latest_value() {
    let journal = Journal::new();
    timeout(HOUR, story::reloaded(TWO_EDITS, 100, journal.clone(), Pace::FULL)).await.expect(STUCK);
    assert_journal!(
        journal,
        [
            (0, "relay", "connects to broker-1"),
            (2000, "relay", "publishes batches of 100 to broker-1"),
            (30_000, "reload", "finds no change"),
            (35_000, "editor", "writes batch_size = 200"),
            (50_000, "editor", "writes batch_size = 300"),
            (60_000, "reload", "sends the change"),
            (60_000, "relay", "connects to broker-1"),
            (62_000, "relay", "publishes batches of 300 to broker-1"), // never of 200
            (90_000, "reload", "finds no change"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn wrong_a_typo_ends_the_reload_loop_and_the_relay() {
    let journal = Journal::new();
    timeout(HOUR, story::first_error(journal.clone(), Pace::FULL)).await.expect(STUCK);
    assert_journal!(
        journal,
        [
            (0, "relay", "connects to broker-1"),
            (2000, "relay", "publishes batches of 100 to broker-1"),
            (30_000, "reload", "read the file"),
            (35_000, "editor", "writes batch_size = many"),
            (60_000, "reload", "ends: batch_size must be 1 to 1000: many"),
            (60_000, "relay", "ends: no sender is left"),
            (65_000, "editor", "writes batch_size = 200"), // nothing reads it
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_bad_file_keeps_the_old_configuration_and_a_good_one_is_applied() {
    let journal = Journal::new();
    timeout(HOUR, story::reloaded(A_TYPO, 100, journal.clone(), Pace::FULL)).await.expect(STUCK);
    assert_journal!(
        journal,
        [
            (0, "relay", "connects to broker-1"),
            (2000, "relay", "publishes batches of 100 to broker-1"),
            (30_000, "reload", "finds no change"),
            (35_000, "editor", "writes batch_size = many"),
            (60_000, "reload", "keeps the old configuration: batch_size must be 1 to 1000: many"),
            (65_000, "editor", "writes batch_size = 200"),
            (90_000, "reload", "sends the change"),
            (90_000, "relay", "connects to broker-1"),
            (92_000, "relay", "publishes batches of 200 to broker-1"),
        ]
    );
}

/// Switches to another broker after 1 s, while the relay connects to the first.
async fn switch_after_1_s(operator: watch::Sender<Config>) {
    sleep(Duration::from_secs(1)).await;
    operator.send_replace(Config { broker: "broker-2".to_owned(), batch_size: 500 });
    sleep(Duration::from_secs(4)).await;
}

#[tokio::test(start_paused = true)]
async fn wrong_two_reads_mix_two_configurations() {
    let (journal, (tx, rx)) = (Journal::new(), watch::channel(one_hundred()));
    tokio::join!(switch_after_1_s(tx), wrong::two_reads(rx, journal.clone(), Pace::FULL));
    assert_journal!(
        journal,
        [
            (0, "relay", "connects to broker-1"),
            (2000, "relay", "publishes batches of 500 to broker-1"), // never configured
            (5000, "relay", "ends: no sender is left"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn one_read_gets_one_complete_configuration() {
    let (journal, (tx, rx)) = (Journal::new(), watch::channel(one_hundred()));
    tokio::join!(switch_after_1_s(tx), relay(rx, journal.clone(), Pace::FULL));
    assert_journal!(
        journal,
        [
            (0, "relay", "connects to broker-1"),
            (2000, "relay", "publishes batches of 100 to broker-1"),
            (2000, "relay", "connects to broker-2"), // changed since it was read: notified at once
            (4000, "relay", "publishes batches of 500 to broker-2"),
            (5000, "relay", "ends: no sender is left"),
        ]
    );
}

// ANCHOR: first-value
#[tokio::test(start_paused = true)]
async fn the_first_value_counts_as_seen() {
    let (tx, mut rx) = watch::channel(100);
    assert_eq!(*rx.borrow(), 100); // it is there
    timeout(HOUR, rx.changed()).await.expect_err("but `changed` does not report it");

    let mut late = tx.subscribe(); // for a new receiver, too
    timeout(HOUR, late.changed()).await.expect_err("the current value counts as seen");
}
// ANCHOR_END: first-value

// ANCHOR: nobody-reads
#[tokio::test(start_paused = true)]
async fn send_keeps_nothing_without_a_receiver_but_send_if_modified_does() {
    let (tx, rx) = watch::channel(100);
    drop(rx);
    assert_eq!(tx.send(200).unwrap_err().0, 200); // given back
    assert_eq!(*tx.subscribe().borrow(), 100); // a later receiver gets the old value

    tx.send_if_modified(|current| {
        *current = 200;
        true
    });
    assert_eq!(*tx.subscribe().borrow(), 200);
}
// ANCHOR_END: nobody-reads

#[tokio::test(start_paused = true)]
async fn without_a_sender_changed_fails_at_once_every_time_after_the_last_value() {
    let ((tx, mut rx), start) = (watch::channel(100), Instant::now());
    tx.send(200).unwrap();
    drop(tx);
    rx.changed().await.expect("200 has not been seen yet");
    for _ in 0..3 {
        rx.changed().await.expect_err("no sender is left");
    }
    assert_eq!(start.elapsed(), Duration::ZERO, "a loop that ignores the error does not wait");
}

// ANCHOR: held-borrow
#[test]
fn wrong_a_borrow_held_across_an_await_blocks_the_thread_that_sends() {
    let runtime = Builder::new_current_thread().enable_time().build().unwrap();
    let _inside = runtime.enter();
    let (tx, rx) = watch::channel(one_hundred());
    let mut relay = task::spawn(wrong::keeps_the_borrow(rx, Journal::new(), Pace::FULL));
    assert_pending!(relay.poll()); // it is connecting, and holds the borrow

    let (tell, sent) = std_mpsc::channel();
    let sending = thread::spawn(move || {
        tx.send_replace(one_hundred());
        tell.send(()).unwrap();
    });
    assert!(sent.recv_timeout(Duration::from_millis(100)).is_err(), "the thread that sends is blocked");

    drop(relay); // and with it the borrow
    sent.recv().expect("now it has sent");
    sending.join().unwrap();
}
// ANCHOR_END: held-borrow

#[tokio::test(start_paused = true)]
async fn reload_ends_when_no_reader_is_left() {
    let (file, (tx, rx)) = (File::new("100"), watch::channel(one_hundred()));
    let start = Instant::now();
    let reloading = reload(|| file.read(), tx, Journal::new(), Pace::FULL);
    let reading = async {
        sleep(EVERY + EVERY / 2).await;
        drop(rx);
    };
    timeout(HOUR, async { tokio::join!(reloading, reading) }).await.expect(STUCK);
    assert_eq!(start.elapsed(), EVERY + EVERY / 2, "at once, not at the next check");
}

#[test]
fn every_bad_file_is_refused_with_the_reason() {
    let (tx, rx) = watch::channel(one_hundred());
    let bad = |text: &str| check(Ok(text.to_owned()), &tx);
    assert_eq!(bad("broker = broker-2\n"), Check::Bad("batch_size is missing".to_owned())); // half-written
    assert_eq!(bad(""), Check::Bad("broker is missing".to_owned()));
    assert_eq!(bad("broker = b\nbatch_size = 0"), Check::Bad("batch_size must be 1 to 1000: 0".to_owned()));
    assert_eq!(bad("broker = b\nbatchsize = 1"), Check::Bad("unknown key: batchsize".to_owned()));
    let unreadable = check(Err(io::ErrorKind::PermissionDenied.into()), &tx);
    assert_eq!(unreadable, Check::Bad("permission denied".to_owned()));

    assert_eq!(*rx.borrow(), one_hundred());
    assert!(!rx.has_changed().unwrap(), "no reader is notified of a bad file");
}

// ANCHOR: real-file
#[tokio::test] // on the real clock: on the paused one nothing should wait for a disk
async fn a_real_file_is_reloaded() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("relay.conf");
    let (tx, rx) = watch::channel(one_hundred());
    let missing = check(tokio::fs::read_to_string(&path).await, &tx);
    assert!(matches!(missing, Check::Bad(_)));

    fs::write(&path, "broker = broker-2\nbatch_size = 500\n").unwrap();
    assert_eq!(check(tokio::fs::read_to_string(&path).await, &tx), Check::Changed);
    assert_eq!(check(tokio::fs::read_to_string(&path).await, &tx), Check::Same);
    assert_eq!(rx.borrow().batch_size, 500);
}
// ANCHOR_END: real-file

#[test]
fn the_printed_timelines_are_the_ones_in_the_book() {
    story::story().assert_artifacts(env!("CARGO_MANIFEST_DIR"));
}
