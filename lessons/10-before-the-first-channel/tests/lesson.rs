//! What lesson 10 claims, each claim a test: the whole story with exact milliseconds, on the paused clock. Where a
//! claim is about threads, a runtime of its own, and nothing is timed: beats are counted.

use std::collections::HashSet;
use std::sync::mpsc;
use std::thread::{self, ThreadId};
use std::time::Duration;

use lesson_10::blocking::Heartbeat;
use lesson_10::disk::Disk;
use lesson_10::publish::{OUTBOX, publish};
use lesson_10::{blocking, by_hand, publish, story, tasks, wrong};
use shared::{HOUR, Journal, assert_journal};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::Notify;
use tokio::time::{Instant, sleep, timeout};
use tokio_test::{assert_pending, assert_ready_eq, task};

const STUCK: &str = "no task can go on";

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
            (0, "relay", "has made a future"),
            (500, "relay", "awaits it"),
            (500, "relay", "sends \"upload completed\""),
            (800, "relay", "has \"upload completed\" confirmed"),
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
            (300, "relay", "has \"upload completed\" confirmed"),
            (300, "relay", "sends \"payment processed\""),
            (500, "relay", "has \"payment processed\" confirmed"),
            (500, "relay", "sends \"notification delivered\""),
            (600, "relay", "has \"notification delivered\" confirmed"),
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
            (300, "task 1", "has \"upload completed\" confirmed"),
            (300, "task 2", "sends \"payment processed\""),
            (500, "task 2", "has \"payment processed\" confirmed"),
            (500, "task 3", "sends \"notification delivered\""),
            (600, "task 3", "has \"notification delivered\" confirmed"),
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
            (100, "task 3", "has \"notification delivered\" confirmed"),
            (200, "task 2", "has \"payment processed\" confirmed"),
            (300, "task 1", "has \"upload completed\" confirmed"),
            (300, "relay", "marks 3 events as published"),
        ]
    );
    assert_eq!(published, OUTBOX.map(|event| event.name), "in the order of the handles");
}

// ANCHOR: panic
#[tokio::test(start_paused = true)]
async fn a_panic_ends_its_task_and_comes_out_of_the_handle() {
    let handle = tokio::spawn(async { panic!("the broker sent nonsense") });
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
        [(0, "task 1", "sends \"upload completed\""), (300, "task 1", "has \"upload completed\" confirmed")]
    );
}

fn noted(journal: &Journal) -> Vec<String> {
    journal.entries().into_iter().map(|entry| entry.what).collect()
}

// ANCHOR: by-hand
#[test] // a plain test: no runtime, we poll
fn a_future_goes_on_only_when_it_is_polled() {
    let (confirmation, journal) = (Notify::new(), Journal::new());
    let mut publishing = task::spawn(by_hand::send_and_wait(&confirmation, journal.clone()));
    assert_eq!(noted(&journal), [""; 0]); // made, and nothing has happened

    assert_pending!(publishing.poll()); // runs to its first wait
    assert_eq!(noted(&journal), ["sends"]);
    assert!(!publishing.is_woken()); // to poll again now would be for nothing

    confirmation.notify_one();
    assert!(publishing.is_woken()); // it asks to be polled
    assert_eq!(noted(&journal), ["sends"]); // and does not move before

    assert_ready_eq!(publishing.poll(), "payment processed");
    assert_eq!(noted(&journal), ["sends", "has it confirmed"]);
}
// ANCHOR_END: by-hand

#[tokio::test(start_paused = true)]
async fn the_clock_wakes_who_sleeps() {
    let mut waiting = task::spawn(sleep(Duration::from_millis(200)));
    assert_pending!(waiting.poll());

    sleep(Duration::from_millis(199)).await;
    assert!(!waiting.is_woken());
    sleep(Duration::from_millis(2)).await;
    assert!(waiting.is_woken());
    assert_ready_eq!(waiting.poll(), ());
}

// ANCHOR: paused
#[tokio::test(start_paused = true)]
async fn a_day_passes_as_soon_as_nobody_has_anything_else_to_do() {
    let started = Instant::now();
    sleep(24 * HOUR).await;
    assert_eq!(started.elapsed(), 24 * HOUR); // exactly; you did not wait for it
}
// ANCHOR_END: paused

#[tokio::test(start_paused = true)]
async fn wrong_no_heart_beats_while_a_task_blocks_the_only_thread() {
    let journal = Journal::new();
    timeout(HOUR, blocking::beside_a_heartbeat(wrong::rest(), journal.clone())).await.expect(STUCK);
    assert_journal!(
        journal,
        [
            (0, "heartbeat", "beat 1"),
            (50, "relay", "rests for 300 ms"),
            (50, "relay", "goes on; beats meanwhile: 0"), // blocking takes no virtual time
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
            (350, "relay", "goes on; beats meanwhile: 3"),
        ]
    );
}

/// A runtime on the real clock with that many worker threads. The thread of the test is none of them.
fn workers(count: usize) -> Runtime {
    Builder::new_multi_thread().worker_threads(count).enable_time().build().unwrap()
}

/// Sleeps that often, and says which threads it ran on.
async fn threads_of(turns: usize) -> HashSet<ThreadId> {
    let mut threads = HashSet::new();
    for _ in 0..turns {
        threads.insert(thread::current().id());
        sleep(Duration::from_millis(1)).await;
    }
    threads
}

/// Gives a task that could run the time to do it. A test that is right passes however short this is.
#[expect(clippy::disallowed_methods, reason = "the thread of the test is no worker")]
fn give_it_time() {
    thread::sleep(Duration::from_millis(50));
}

#[test]
fn wrong_with_every_worker_blocked_everything_stands_still() {
    for count in [1, 2] {
        let runtime = workers(count);
        let disks: Vec<Disk> = (0..count).map(|_| Disk::new()).collect();
        for disk in &disks {
            runtime.spawn(wrong::read_in_the_task(disk.clone()));
            disk.asked(); // one more worker stands in `read`
        }
        let heart = Heartbeat::default();
        let beating = runtime.spawn(heart.clone().beat(3, Journal::new()));
        give_it_time();
        assert_eq!(heart.beats(), 0, "{count} of {count} workers are blocked");

        disks.iter().for_each(Disk::answer);
        runtime.block_on(beating).unwrap();
        assert_eq!(heart.beats(), 3);
    }
}

// ANCHOR: one-of-two
#[test]
fn wrong_with_one_worker_of_two_blocked_its_share_stands_still() {
    let runtime = workers(2);
    let (disk, heart) = (Disk::new(), Heartbeat::default());
    let (tell_thread, blocked_thread) = mpsc::channel();
    let blocks = runtime.spawn({
        let (disk, heart) = (disk.clone(), heart.clone());
        async move {
            tell_thread.send(thread::current().id()).unwrap();
            let beating = tokio::spawn(heart.beat(3, Journal::new())); // next in line here
            wrong::read_in_the_task(disk).await;
            beating.await.unwrap();
        }
    });
    disk.asked();

    // Other tasks go on, all on the one thread that is left: half of the capacity.
    let threads = runtime.block_on(runtime.spawn(threads_of(100))).unwrap();
    assert_eq!(threads.len(), 1);
    assert!(!threads.contains(&blocked_thread.recv().unwrap()));
    // The task that the blocked one has just spawned waits with it.
    assert_eq!(heart.beats(), 0);

    disk.answer();
    runtime.block_on(blocks).unwrap();
    assert_eq!(heart.beats(), 3);
}
// ANCHOR_END: one-of-two

#[test]
fn on_a_blocking_thread_a_read_stops_no_worker() {
    let runtime = workers(1);
    let (disk, heart) = (Disk::new(), Heartbeat::default());
    let reading = runtime.spawn(blocking::read_on_another_thread(disk.clone()));
    disk.asked();

    runtime.block_on(runtime.spawn(heart.clone().beat(3, Journal::new()))).unwrap();
    assert_eq!(heart.beats(), 3, "the only worker runs the heartbeat while the disk is read");

    disk.answer();
    runtime.block_on(reading).unwrap();
}

#[test]
fn the_printed_timelines_are_the_ones_in_the_book() {
    story().assert_artifacts(env!("CARGO_MANIFEST_DIR"));
}
