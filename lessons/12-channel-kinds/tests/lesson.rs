//! The claims of lesson 12 are tests: whole scenes with exact milliseconds, on the paused clock. What it says about threads and
//! locks is in `threads.rs`.

use lesson_12::{announce, answer, latest, memory, story, waiting, wrong};
use shared::{HOUR, Journal, Pace, assert_journal};
use tokio::sync::broadcast::error::{RecvError, TryRecvError};
use tokio::sync::{broadcast, mpsc, oneshot, watch};
use tokio::time::timeout;

const STUCK: &str = "no task can make progress";

#[tokio::test(start_paused = true)]
async fn wrong_a_subscriber_takes_lagging_for_the_end() {
    let journal = Journal::new();
    timeout(HOUR, wrong::ends_on_lag(journal.clone(), Pace::FULL)).await.expect(STUCK);
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
async fn a_lagging_subscriber_counts_what_it_missed_and_continues() {
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
            (860, "statistics", "missed 2"), // 3 and 4: the four slots hold 5 to 8
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
fn the_capacity_of_a_broadcast_is_rounded_up_to_a_power_of_two() {
    for (asked_for, capacity) in [(1, 1), (3, 4), (4, 4), (5, 8), (1000, 1024)] {
        let (tx, mut rx) = broadcast::channel(asked_for);
        for event in 0..=capacity {
            tx.send(event).unwrap(); // one more than it holds
        }
        assert_eq!(rx.try_recv(), Err(TryRecvError::Lagged(1)), "asked for {asked_for}");
        assert_eq!(rx.try_recv(), Ok(1), "the oldest that is left");
    }
}
// ANCHOR_END: rounded-up

#[tokio::test(start_paused = true)]
async fn of_eight_orders_in_a_broadcast_of_three_the_last_four_are_left() {
    let (tx, mut rx) = broadcast::channel(3);
    for order in 1..=8 {
        tx.send(order).unwrap();
    }
    assert_eq!(rx.recv().await, Err(RecvError::Lagged(4)));
    for order in 5..=8 {
        assert_eq!(rx.recv().await, Ok(order));
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_overwritten_after_lagged_is_reported_again() {
    let (tx, mut rx) = broadcast::channel(2);
    for order in 1..=3 {
        tx.send(order).unwrap();
    }
    assert_eq!(rx.recv().await, Err(RecvError::Lagged(1)));
    tx.send(4).unwrap(); // overwrites order 2, the oldest that was left
    assert_eq!(rx.recv().await, Err(RecvError::Lagged(1)));
    assert_eq!(rx.recv().await, Ok(3));
}

#[tokio::test(start_paused = true)]
async fn wrong_three_workers_on_a_broadcast_do_each_job_three_times() {
    let (tx, mut first) = broadcast::channel(4);
    let (mut second, mut third, other_tx) = (tx.subscribe(), tx.subscribe(), tx.clone());
    tx.send("job 1").unwrap();
    other_tx.send("job 2").unwrap();
    for worker in [&mut first, &mut second, &mut third] {
        assert_eq!(worker.recv().await, Ok("job 1"));
        assert_eq!(worker.recv().await, Ok("job 2"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_full_mpsc_makes_its_senders_wait() {
    let (tx, mut rx) = mpsc::channel(1);
    let other_tx = tx.clone();
    tx.send("job 1").await.unwrap();
    timeout(HOUR, other_tx.send("job 2")).await.expect_err("there is no free slot");
    assert_eq!(rx.recv().await, Some("job 1"));
    timeout(HOUR, other_tx.send("job 2")).await.expect(STUCK).unwrap();
    assert_eq!(rx.recv().await, Some("job 2"));
}

#[tokio::test(start_paused = true)]
async fn a_new_subscriber_gets_what_is_announced_from_then_on() {
    let (tx, mut early) = broadcast::channel(4);
    assert_eq!(tx.send("order 1").unwrap(), 1, "the number of subscribers");
    let mut late = tx.subscribe();
    assert_eq!(tx.send("order 2").unwrap(), 2);
    drop(tx);
    assert_eq!(early.recv().await, Ok("order 1"));
    assert_eq!(early.recv().await, Ok("order 2"));
    assert_eq!(early.recv().await, Err(RecvError::Closed));
    assert_eq!(late.recv().await, Ok("order 2"));
}

#[test]
fn a_broadcast_without_subscribers_gives_the_event_back() {
    let (tx, rx) = broadcast::channel(4);
    drop(rx);
    assert_eq!(tx.send("order 1").unwrap_err().0, "order 1");
}

#[tokio::test(start_paused = true)]
async fn wrong_the_first_answer_belongs_to_another_caller() {
    let journal = Journal::new();
    timeout(HOUR, wrong::first_answer(journal.clone())).await.expect(STUCK);
    assert_journal!(
        journal,
        [
            (0, "caller 1", "asks to publish \"upload completed\""),
            (50, "caller 2", "asks to publish \"payment processed\""),
            (100, "relay", "published \"upload completed\": receipt 1"),
            (100, "caller 1", "has receipt 1"),
            (100, "caller 2", "has receipt 1"), // the receipt of the upload
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
            (0, "caller 1", "asks to publish \"upload completed\""),
            (50, "caller 2", "asks to publish \"payment processed\""),
            (100, "relay", "published \"upload completed\": receipt 1"),
            (100, "caller 1", "has receipt 1"),
            (200, "relay", "published \"payment processed\": receipt 2"),
            (200, "caller 2", "has receipt 2"),
        ]
    );
}

// ANCHOR: dropped
#[tokio::test(start_paused = true)]
async fn each_end_of_a_oneshot_learns_that_the_other_is_gone() {
    let (answer, answered) = oneshot::channel::<u32>();
    drop(answer);
    assert!(answered.await.is_err(), "no answer will come");

    let (answer, answered) = oneshot::channel();
    drop(answered);
    assert!(answer.is_closed(), "nobody waits for it: the work can be skipped");
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
            (100, "sender", "sent order 2"),
            (200, "sender", "sent order 3"),
            (250, "consumer", "ships order 3"),
            (300, "sender", "sent order 4"),
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
async fn changed_waits_for_a_value_that_was_not_seen() {
    let (tx, mut rx) = watch::channel(100);
    timeout(HOUR, rx.changed()).await.expect_err("the first value counts as seen");

    tx.send(200).unwrap();
    assert_eq!(*rx.borrow_and_update(), 200);
    timeout(HOUR, rx.changed()).await.expect_err("borrow_and_update has marked it as seen");

    tx.send(300).unwrap();
    drop(tx);
    assert!(rx.changed().await.is_ok(), "the last value is not lost");
    assert_eq!(*rx.borrow_and_update(), 300);
    assert!(rx.changed().await.is_err(), "no sender is left");
}

#[tokio::test(start_paused = true)]
async fn a_thousand_events_of_1_kb_are_about_1_mb() {
    let journal = Journal::new();
    timeout(HOUR, memory::bounded(120, journal.clone(), Pace::FULL)).await.expect(STUCK);
    assert_journal!(
        journal,
        [
            (0, "producer", "has sent 1000 events: the queue is full"),
            (1000, "consumer", "1000 events queued: 1 MB"),
            (120_000, "consumer", "1000 events queued: 1 MB"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn wrong_an_unbounded_queue_holds_a_gigabyte_after_two_minutes() {
    let journal = Journal::new();
    timeout(HOUR, wrong::unbounded(120, journal.clone(), Pace::FULL)).await.expect(STUCK);
    assert_journal!(
        journal,
        [
            (1000, "consumer", "9000 events queued: 9 MB"),
            (120_000, "consumer", "1080000 events queued: 1105 MB"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn wrong_the_standard_librarys_channel_blocks_the_thread() {
    let journal = Journal::new();
    timeout(HOUR, wrong::std_channel(journal.clone())).await.expect(STUCK);
    assert_journal!(
        journal,
        [
            (0, "consumer", "waits and blocks its thread"),
            (0, "consumer", "gave up after 200 ms"), // blocking takes no virtual time
            (100, "producer", "the receiver is gone"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn tokios_channel_leaves_the_thread_free() {
    let journal = Journal::new();
    timeout(HOUR, waiting::tokio_channel(journal.clone())).await.expect(STUCK);
    assert_journal!(
        journal,
        [
            (0, "consumer", "waits; its thread is free"),
            (100, "producer", "sent \"payment processed\""),
            (100, "consumer", "received \"payment processed\""),
        ]
    );
}

#[test]
fn the_printed_timelines_are_the_ones_in_the_book() {
    story().assert_artifacts(env!("CARGO_MANIFEST_DIR"));
}

#[test]
fn every_claim_is_kept_in_every_schedule_by_the_right_version_only() {
    lesson_12::schedule::claims().assert_kept(env!("CARGO_MANIFEST_DIR"));
}
