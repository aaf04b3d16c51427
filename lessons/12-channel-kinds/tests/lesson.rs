//! What lesson 12 claims, each claim a test: the whole story with exact milliseconds, on the paused clock. Where a
//! claim is about locks, plain threads, and nothing is timed.

use std::sync::mpsc as std_mpsc;
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Duration;

use lesson_12::{announce, answer, latest, memory, story, waiting, wrong};
use shared::{HOUR, Journal, Pace, assert_journal};
use tokio::sync::broadcast::error::{RecvError, TryRecvError};
use tokio::sync::{broadcast, mpsc, oneshot, watch};
use tokio::time::timeout;

const STUCK: &str = "no task can go on";

#[tokio::test(start_paused = true)]
async fn wrong_a_late_subscriber_takes_it_for_the_end() {
    let journal = Journal::new();
    timeout(HOUR, wrong::ends_when_late(journal.clone(), Pace::FULL)).await.expect(STUCK);
    assert_journal!(
        journal,
        [
            (0, "mailer", "got order 1"),
            (0, "statistics", "got order 1"),
            (100, "mailer", "got order 2"),
            (200, "mailer", "got order 3"),
            (300, "mailer", "got order 4"),
            (400, "mailer", "got order 5"),
            (430, "statistics", "got order 2"),
            (500, "mailer", "got order 6"),
            (600, "mailer", "got order 7"),
            (700, "mailer", "got order 8"),
            (800, "publisher", "has announced 8 orders"),
            (860, "statistics", "ended"), // 2 of 8, and no error
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_late_subscriber_counts_what_it_missed_and_goes_on() {
    let journal = Journal::new();
    timeout(HOUR, announce::two_subscribers(journal.clone(), Pace::FULL)).await.expect(STUCK);
    assert_journal!(
        journal,
        [
            (0, "mailer", "got order 1"),
            (0, "statistics", "got order 1"),
            (100, "mailer", "got order 2"),
            (200, "mailer", "got order 3"),
            (300, "mailer", "got order 4"),
            (400, "mailer", "got order 5"),
            (430, "statistics", "got order 2"),
            (500, "mailer", "got order 6"),
            (600, "mailer", "got order 7"),
            (700, "mailer", "got order 8"),
            (800, "publisher", "has announced 8 orders"),
            (860, "statistics", "missed 2"), // 3 and 4: four places hold 5 to 8
            (860, "statistics", "got order 5"),
            (1290, "statistics", "got order 6"),
            (1720, "statistics", "got order 7"),
            (2150, "statistics", "got order 8"),
            (2580, "statistics", "ended: no sender left"),
        ]
    );
}

// ANCHOR: rounded-up
#[test]
fn the_places_of_a_broadcast_are_rounded_up_to_a_power_of_two() {
    for (asked_for, places) in [(1, 1), (3, 4), (4, 4), (5, 8), (1000, 1024)] {
        let (tx, mut rx) = broadcast::channel(asked_for);
        for event in 0..=places {
            tx.send(event).unwrap(); // one more than there are places
        }
        assert_eq!(rx.try_recv(), Err(TryRecvError::Lagged(1)), "asked for {asked_for}");
        assert_eq!(rx.try_recv(), Ok(1), "the oldest that is left");
    }
}
// ANCHOR_END: rounded-up

#[tokio::test(start_paused = true)]
async fn a_subscriber_gets_what_is_announced_after_it_came() {
    let (tx, mut early) = broadcast::channel(4);
    assert_eq!(tx.send("order 1").unwrap(), 1, "as many as are subscribed");
    let mut late = tx.subscribe();
    assert_eq!(tx.send("order 2").unwrap(), 2);
    drop(tx);
    assert_eq!(early.recv().await, Ok("order 1"));
    assert_eq!(early.recv().await, Ok("order 2"));
    assert_eq!(early.recv().await, Err(RecvError::Closed));
    assert_eq!(late.recv().await, Ok("order 2"));
}

#[test]
fn a_broadcast_to_nobody_gives_the_event_back() {
    let (tx, rx) = broadcast::channel(4);
    drop(rx);
    assert_eq!(tx.send("order 1").unwrap_err().0, "order 1");
}

#[tokio::test(start_paused = true)]
async fn wrong_the_first_answer_is_somebody_elses() {
    let journal = Journal::new();
    timeout(HOUR, wrong::first_answer(journal.clone())).await.expect(STUCK);
    assert_journal!(
        journal,
        [
            (0, "asker 1", "asks to publish \"upload completed\""),
            (50, "asker 2", "asks to publish \"payment processed\""),
            (100, "relay", "published \"upload completed\": receipt 1"),
            (100, "asker 1", "has receipt 1"),
            (100, "asker 2", "has receipt 1"), // of the upload
            (200, "relay", "published \"payment processed\": receipt 2"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn each_request_gets_its_own_answer() {
    let journal = Journal::new();
    timeout(HOUR, answer::own_answer(journal.clone())).await.expect(STUCK);
    assert_journal!(
        journal,
        [
            (0, "asker 1", "asks to publish \"upload completed\""),
            (50, "asker 2", "asks to publish \"payment processed\""),
            (100, "relay", "published \"upload completed\": receipt 1"),
            (100, "asker 1", "has receipt 1"),
            (200, "relay", "published \"payment processed\": receipt 2"),
            (200, "asker 2", "has receipt 2"),
        ]
    );
}

// ANCHOR: dropped
#[tokio::test(start_paused = true)]
async fn both_ends_of_a_oneshot_learn_that_the_other_has_gone() {
    let (answer, answered) = oneshot::channel::<u32>();
    drop(answer);
    assert!(answered.await.is_err(), "no answer will come");

    let (answer, answered) = oneshot::channel();
    drop(answered);
    assert!(answer.is_closed(), "nobody waits: the work can be saved");
    assert_eq!(answer.send(17), Err(17), "the value comes back");
}
// ANCHOR_END: dropped

#[tokio::test(start_paused = true)]
async fn wrong_a_watch_loses_events() {
    let journal = Journal::new();
    timeout(HOUR, wrong::events_through_watch(journal.clone())).await.expect(STUCK);
    assert_journal!(
        journal,
        [
            (0, "consumer", "ships order 1"),
            (100, "sender", "sends order 2"),
            (200, "sender", "sends order 3"),
            (250, "consumer", "ships order 3"),
            (300, "sender", "sends order 4"),
            (500, "consumer", "ships order 4"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_watch_holds_the_newest_value() {
    let journal = Journal::new();
    timeout(HOUR, latest::settings(journal.clone())).await.expect(STUCK);
    assert_journal!(
        journal,
        [
            (0, "relay", "publishes a batch of 100"),
            (100, "operator", "sets the batch size to 200"),
            (200, "operator", "sets the batch size to 300"),
            (250, "relay", "publishes a batch of 300"),
            (300, "operator", "sets the batch size to 400"),
            (500, "relay", "publishes a batch of 400"),
            (750, "relay", "ended: no sender left"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn every_reader_of_a_watch_sees_the_newest_value() {
    let (tx, first) = watch::channel(1);
    let (other_tx, second) = (tx.clone(), tx.subscribe());
    tx.send(2).unwrap();
    other_tx.send(3).unwrap();
    assert_eq!((*first.borrow(), *second.borrow()), (3, 3));
}

#[tokio::test(start_paused = true)]
async fn a_thousand_events_of_1_kb_are_about_1_mb() {
    let journal = Journal::new();
    timeout(HOUR, memory::bounded(120, journal.clone(), Pace::FULL)).await.expect(STUCK);
    assert_journal!(
        journal,
        [
            (0, "producer", "has sent 1000 events: the queue is full"),
            (1000, "consumer", "1000 events wait: 1 MB"),
            (120_000, "consumer", "1000 events wait: 1 MB"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn wrong_a_queue_without_an_end_holds_a_gigabyte_after_two_minutes() {
    let journal = Journal::new();
    timeout(HOUR, wrong::unbounded(120, journal.clone(), Pace::FULL)).await.expect(STUCK);
    assert_journal!(
        journal,
        [(1000, "consumer", "9000 events wait: 9 MB"), (120_000, "consumer", "1080000 events wait: 1105 MB"),]
    );
}

#[tokio::test(start_paused = true)]
async fn wrong_the_channel_of_the_standard_library_blocks_the_thread() {
    let journal = Journal::new();
    timeout(HOUR, wrong::std_channel(journal.clone())).await.expect(STUCK);
    assert_journal!(
        journal,
        [
            (0, "consumer", "waits, and blocks its thread"),
            (0, "consumer", "gave up after 200 ms"), // blocking takes no virtual time
            (100, "producer", "nobody is there any more"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn tokios_channel_lets_the_thread_go_on() {
    let journal = Journal::new();
    timeout(HOUR, waiting::tokio_channel(journal.clone())).await.expect(STUCK);
    assert_journal!(
        journal,
        [
            (0, "consumer", "waits, and its thread does not"),
            (100, "producer", "sent \"payment processed\""),
            (100, "consumer", "received \"payment processed\""),
        ]
    );
}

/// Long enough to see that something does not happen. A test that is right passes however short this is.
const A_WHILE: Duration = Duration::from_millis(50);

// ANCHOR: watch-lock
#[test]
fn wrong_who_reads_a_watch_blocks_who_sends() {
    let (tx, rx) = watch::channel("old");
    let (tell, sent) = std_mpsc::channel();
    let reading = rx.borrow(); // holds a read lock until it is dropped
    let sending = thread::spawn(move || {
        tx.send("new").unwrap();
        tell.send(()).unwrap();
    });
    assert!(sent.recv_timeout(A_WHILE).is_err(), "the sender's thread stands still");

    drop(reading);
    sent.recv().expect("and goes on now");
    sending.join().unwrap();
    assert_eq!(*rx.borrow(), "new");
}
// ANCHOR_END: watch-lock

/// A value whose first copy takes until the test says so.
struct SlowToCopy {
    begun: Arc<Barrier>,
    done: Arc<Barrier>,
}

impl Clone for SlowToCopy {
    fn clone(&self) -> Self {
        self.begun.wait();
        self.done.wait();
        Self { begun: self.begun.clone(), done: self.done.clone() }
    }
}

#[test]
fn wrong_who_copies_out_of_a_broadcast_blocks_who_needs_its_place() {
    let (begun, done) = (Arc::new(Barrier::new(2)), Arc::new(Barrier::new(2)));
    let event = || SlowToCopy { begun: begun.clone(), done: done.clone() };
    let (tx, mut rx) = broadcast::channel(1);
    assert!(tx.send(event()).is_ok());
    let _keeps_it_open = tx.subscribe();
    let copying = thread::spawn(move || rx.try_recv().is_ok());
    begun.wait(); // the receiver is copying the event, in its place

    let (tell, sent) = std_mpsc::channel();
    let second = event();
    let sending = thread::spawn(move || {
        assert!(tx.send(second).is_ok());
        tell.send(()).unwrap();
    });
    assert!(sent.recv_timeout(A_WHILE).is_err(), "the sender's thread stands still");

    done.wait();
    sent.recv().expect("and goes on now");
    sending.join().unwrap();
    assert!(copying.join().unwrap());
}

// ANCHOR: moved
#[tokio::test(start_paused = true)]
async fn mpsc_and_oneshot_hand_the_value_over() {
    struct NoCopy; // not Clone: nobody can copy it, under a lock or elsewhere

    let (tx, mut rx) = mpsc::channel(1);
    assert!(tx.try_send(NoCopy).is_ok());
    let _held = rx.recv().await; // ours now, for as long as we like
    assert!(tx.try_send(NoCopy).is_ok(), "and its place is free");

    let (answer, answered) = oneshot::channel();
    assert!(answer.send(NoCopy).is_ok());
    assert!(answered.await.is_ok());
}
// ANCHOR_END: moved

#[test]
fn the_printed_timelines_are_the_ones_in_the_book() {
    story().assert_artifacts(env!("CARGO_MANIFEST_DIR"));
}
