//! What lesson 10 claims about futures and tasks, each claim a test, on the paused clock with exact milliseconds.
//! Claims about threads are in `blocking.rs`, those about the runtime in `flavours.rs`.

use std::time::Duration;

use lesson_10::publish::{OUTBOX, publish};
use lesson_10::{blocking, by_hand, publish, story, tasks, wrong};
use shared::{HOUR, Journal, assert_journal};
use tokio::runtime::Builder;
use tokio::sync::Notify;
use tokio::time::{sleep, timeout};
use tokio_test::{assert_pending, assert_ready_eq, task};

const STUCK: &str = "no task can make progress";

#[tokio::test(start_paused = true)]
async fn wrong_without_the_await_nothing_is_sent() {
    let journal = Journal::new();
    timeout(HOUR, wrong::forgotten_await(journal.clone())).await.expect(STUCK);
    timeout(HOUR, wrong::silenced(journal.clone())).await.expect(STUCK);
    timeout(HOUR, wrong::counted(journal.clone())).await.expect(STUCK);
    sleep(Duration::from_secs(60)).await; // nor later
    assert_journal!(
        journal,
        [
            (0, "relay", "marks 3 events as published"),
            (0, "relay", "marks 3 events as published"),
            (0, "relay", "marks 3 events as published"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_future_does_nothing_until_it_is_awaited() {
    let journal = Journal::new();
    timeout(HOUR, publish::made_then_awaited(journal.clone())).await.expect(STUCK);
    assert_journal!(
        journal,
        [
            (0, "relay", "has created a future"),
            (500, "relay", "awaits it"),
            (500, "relay", "sends \"upload completed\""),
            (800, "relay", "\"upload completed\" is confirmed"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn one_after_another_takes_as_long_as_all_together() {
    let journal = Journal::new();
    timeout(HOUR, publish::one_after_another(journal.clone())).await.expect(STUCK);
    assert_journal!(
        journal,
        [
            (0, "relay", "sends \"upload completed\""),
            (300, "relay", "\"upload completed\" is confirmed"),
            (300, "relay", "sends \"payment processed\""),
            (500, "relay", "\"payment processed\" is confirmed"),
            (500, "relay", "sends \"notification delivered\""),
            (600, "relay", "\"notification delivered\" is confirmed"),
            (600, "relay", "marks 3 events as published"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn wrong_tasks_that_are_awaited_one_by_one_take_as_long() {
    let journal = Journal::new();
    timeout(HOUR, wrong::one_task_at_a_time(journal.clone())).await.expect(STUCK);
    assert_journal!(
        journal,
        [
            (0, "task 1", "sends \"upload completed\""),
            (300, "task 1", "\"upload completed\" is confirmed"),
            (300, "task 2", "sends \"payment processed\""),
            (500, "task 2", "\"payment processed\" is confirmed"),
            (500, "task 3", "sends \"notification delivered\""),
            (600, "task 3", "\"notification delivered\" is confirmed"),
            (600, "relay", "marks 3 events as published"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn spawned_tasks_take_as_long_as_the_slowest() {
    let journal = Journal::new();
    let published = timeout(HOUR, tasks::at_once(journal.clone())).await.expect(STUCK);
    assert_journal!(
        journal,
        [
            (0, "relay", "has spawned 3 tasks"),
            (0, "task 1", "sends \"upload completed\""),
            (0, "task 2", "sends \"payment processed\""),
            (0, "task 3", "sends \"notification delivered\""),
            (100, "task 3", "\"notification delivered\" is confirmed"),
            (200, "task 2", "\"payment processed\" is confirmed"),
            (300, "task 1", "\"upload completed\" is confirmed"),
            (300, "relay", "marks 3 events as published"),
        ]
    );
    assert_eq!(published, OUTBOX.map(|event| event.name), "in the order of the handles");
}

// ANCHOR: panic
#[tokio::test(start_paused = true)]
async fn a_panic_ends_its_task_and_is_returned_by_the_handle() {
    let handle = tokio::spawn(async { panic!("the broker sent an unknown reply") });
    let error = timeout(HOUR, handle).await.expect(STUCK).expect_err("the task panicked");
    assert!(error.is_panic());
}
// ANCHOR_END: panic

#[test]
fn wrong_a_task_that_nobody_awaits_is_dropped_with_the_runtime() {
    let runtime = Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    let journal = runtime.block_on(async {
        let journal = Journal::new();
        wrong::left_behind(journal.clone()).await;
        journal
    });
    drop(runtime);
    assert_journal!(
        journal,
        [(0, "task 1", "sends \"upload completed\""), (50, "relay", "returns, and the program ends")]
    );
}

#[tokio::test(start_paused = true)]
async fn a_dropped_handle_does_not_stop_its_task() {
    let journal = Journal::new();
    drop(tokio::spawn(publish("task 1", OUTBOX[0], journal.clone())));
    sleep(Duration::from_secs(60)).await;
    assert_journal!(
        journal,
        [(0, "task 1", "sends \"upload completed\""), (300, "task 1", "\"upload completed\" is confirmed")]
    );
}

#[tokio::test(start_paused = true)]
async fn abort_ends_a_task_at_the_await_where_it_waits() {
    let journal = Journal::new();
    let handle = tokio::spawn(publish("task 1", OUTBOX[0], journal.clone()));
    sleep(Duration::from_millis(50)).await;
    handle.abort();
    assert!(timeout(HOUR, handle).await.expect(STUCK).unwrap_err().is_cancelled());
    assert_journal!(journal, [(0, "task 1", "sends \"upload completed\"")]);
}

fn logged(journal: &Journal) -> Vec<String> {
    journal.entries().into_iter().map(|entry| entry.what).collect()
}

// ANCHOR: by-hand
#[test] // a plain test: there is no runtime, we poll
fn a_future_makes_progress_only_when_it_is_polled() {
    let (confirmation, journal) = (Notify::new(), Journal::new());
    let mut publishing = task::spawn(by_hand::send_and_wait(&confirmation, journal.clone()));
    assert_eq!(logged(&journal), [""; 0]); // created, and nothing has happened

    assert_pending!(publishing.poll()); // runs to its first wait
    assert_eq!(logged(&journal), ["sends"]);
    assert!(!publishing.is_woken()); // polling again now would be useless

    confirmation.notify_one();
    assert!(publishing.is_woken()); // it asks to be polled
    assert_eq!(logged(&journal), ["sends"]); // and does nothing until then

    assert_ready_eq!(publishing.poll(), "payment processed");
    assert_eq!(logged(&journal), ["sends", "receives the confirmation"]);
}
// ANCHOR_END: by-hand

#[tokio::test(start_paused = true)]
async fn the_clock_wakes_a_future_that_sleeps() {
    let mut waiting = task::spawn(sleep(Duration::from_millis(200)));
    assert_pending!(waiting.poll());

    sleep(Duration::from_millis(199)).await;
    assert!(!waiting.is_woken());
    sleep(Duration::from_millis(2)).await;
    assert!(waiting.is_woken());
    assert_ready_eq!(waiting.poll(), ());
}

#[tokio::test(start_paused = true)]
async fn wrong_no_heart_beats_while_a_task_blocks_the_only_thread() {
    let journal = Journal::new();
    timeout(HOUR, blocking::beside_a_heartbeat(wrong::rest(), journal.clone())).await.expect(STUCK);
    assert_journal!(
        journal,
        [
            (0, "heartbeat", "beat 1"),
            (50, "relay", "rests for 300 ms"),
            (50, "relay", "resumes; beats meanwhile: 0"), // blocking takes no virtual time
            (100, "heartbeat", "beat 2"),
            (200, "heartbeat", "beat 3"),
            (300, "heartbeat", "beat 4"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn the_heart_beats_while_a_task_waits() {
    let journal = Journal::new();
    timeout(HOUR, blocking::beside_a_heartbeat(blocking::rest(), journal.clone())).await.expect(STUCK);
    assert_journal!(
        journal,
        [
            (0, "heartbeat", "beat 1"),
            (50, "relay", "rests for 300 ms"),
            (100, "heartbeat", "beat 2"),
            (200, "heartbeat", "beat 3"),
            (300, "heartbeat", "beat 4"),
            (350, "relay", "resumes; beats meanwhile: 3"),
        ]
    );
}

#[test]
fn the_printed_timelines_are_the_ones_in_the_book() {
    story().assert_artifacts(env!("CARGO_MANIFEST_DIR"));
}
