//! Each claim of lesson 14 is a test: whole journals with exact milliseconds, on the paused clock. Tests that write to a
//! file run on the real clock. `refused` holds what does not compile.

mod refused;

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use chrono::{Local, NaiveDateTime};
use lesson_14::event::{Cents, OutboxEvent, outbox};
use lesson_14::file::SlowFile;
use lesson_14::log::{open, write_lines};
use lesson_14::service::{self, Outbox};
use lesson_14::story::{self, from_nine_o_clock};
use lesson_14::{relay, wrong};
use shared::{HOUR, Journal, Pace, assert_journal};
use tokio::io::AsyncWriteExt;
use tokio::runtime::Builder;
use tokio::sync::{Mutex, mpsc};
use tokio::time::{Instant, timeout};

const STUCK: &str = "no task can make progress";

/// The log entries of the four events, in alphabetical order.
const OUTCOMES: [&str; 4] = [
    "Error: invalid payment amount",
    "notification delivered: your report is ready",
    "payment of $12.50 processed",
    "relayed upload: report.pdf",
];

/// Relays the events, starting at nine o'clock, and returns the log.
async fn relayed(events: Vec<OutboxEvent>, journal: &Journal) -> String {
    let relaying =
        relay::relay_with_log(events, Vec::new(), from_nine_o_clock(), journal.clone(), Pace::FULL);
    let log = timeout(HOUR, relaying).await.expect(STUCK).expect("memory can be written");
    String::from_utf8(log).unwrap()
}

/// The entry in a line of the log, or `None` if the line is not whole.
fn entry_of(line: &str) -> Option<&str> {
    let (stamp, entry) = line.strip_prefix('[')?.split_once("] ")?;
    NaiveDateTime::parse_from_str(stamp, "%Y-%m-%d %H:%M:%S").ok()?;
    OUTCOMES.contains(&entry).then_some(entry)
}

#[tokio::test(start_paused = true)]
async fn four_events_at_once_take_800_ms() {
    let journal = Journal::new();
    let log = relayed(outbox(), &journal).await;
    assert_journal!(
        journal,
        [
            (0, "relay", "spawned 4 tasks"),
            (0, "task 1", "starts"),
            (0, "task 2", "starts"),
            (0, "task 3", "starts"),
            (0, "task 4", "starts"),
            (300, "task 3", "notification delivered: your report is ready"),
            (500, "task 1", "relayed upload: report.pdf"),
            (800, "task 2", "payment of $12.50 processed"),
            (800, "task 4", "Error: invalid payment amount"),
            (800, "relay", "awaited all tasks"),
        ]
    );
    let mut entries: Vec<&str> = log.lines().filter_map(entry_of).collect();
    entries.sort_unstable(); // two outcomes fall on the same millisecond
    assert_eq!(entries, OUTCOMES);
    assert_eq!(log.lines().count(), 4);
}

#[tokio::test(start_paused = true)]
async fn wrong_without_collect_they_take_2400_ms() {
    let (journal, (log, entries)) = (Journal::new(), mpsc::channel(64));
    timeout(HOUR, wrong::lazy(outbox(), log, journal.clone(), Pace::FULL)).await.expect(STUCK);
    assert_journal!(
        journal,
        [
            (0, "relay", "assumes all tasks are spawned"),
            (0, "task 1", "starts"),
            (500, "task 1", "relayed upload: report.pdf"),
            (500, "task 2", "starts"),
            (1300, "task 2", "payment of $12.50 processed"),
            (1300, "task 3", "starts"),
            (1600, "task 3", "notification delivered: your report is ready"),
            (1600, "task 4", "starts"),
            (2400, "task 4", "Error: invalid payment amount"),
            (2400, "relay", "awaited all tasks"),
        ]
    );
    drop(entries);
}

// ANCHOR: map-is-lazy
#[tokio::test(start_paused = true)]
async fn a_mapped_iterator_has_spawned_nothing() {
    let alive = || tokio::runtime::Handle::current().metrics().num_alive_tasks();

    let tasks = [1, 2, 3].into_iter().map(|event| tokio::spawn(async move { event }));
    assert_eq!(alive(), 0); // nothing is spawned yet

    let tasks: Vec<_> = tasks.collect();
    assert_eq!(alive(), 3);
    drop(tasks);
}
// ANCHOR_END: map-is-lazy

#[tokio::test(start_paused = true)]
async fn two_runs_give_the_same_journal() {
    let (first, second) = (Journal::new(), Journal::new());
    relayed(outbox(), &first).await;
    relayed(outbox(), &second).await;
    let sorted = |journal: &Journal| {
        let start = journal.entries()[0].at_ms;
        let mut entries: Vec<_> = journal
            .entries()
            .into_iter()
            .map(|entry| (entry.at_ms - start, entry.task, entry.what))
            .collect();
        entries.sort();
        entries
    };
    assert_eq!(sorted(&first), sorted(&second));
}

// ANCHOR: panics
#[tokio::test(start_paused = true)]
async fn a_task_that_panics_does_not_stop_the_others() {
    let (journal, mut events) = (Journal::new(), outbox());
    events[2] = OutboxEvent::Notification(String::new()); // panics after 300 ms
    let log = relayed(events, &journal).await;
    assert_journal!(
        journal,
        [
            (0, "relay", "spawned 4 tasks"),
            (0, "task 1", "starts"),
            (0, "task 2", "starts"),
            (0, "task 3", "starts"),
            (0, "task 4", "starts"),
            (500, "task 1", "relayed upload: report.pdf"),
            (800, "task 2", "payment of $12.50 processed"),
            (800, "relay", "Error: task 3 panicked"), // awaited after tasks 1 and 2
            (800, "task 4", "Error: invalid payment amount"),
            (800, "relay", "awaited all tasks"),
        ]
    );
    assert!(log.contains("] Error: task 3 panicked\n"));
}
// ANCHOR_END: panics

#[tokio::test(start_paused = true)]
async fn wrong_lines_are_torn_when_every_task_writes() {
    let file = SlowFile::new(Duration::from_millis(10));
    let relaying = wrong::tear_lines(outbox(), file.clone(), from_nine_o_clock(), Pace::FULL);
    timeout(HOUR, relaying).await.expect(STUCK).unwrap();
    let lines = file.lines();
    let whole: Vec<_> = lines.iter().filter_map(|line| entry_of(line)).collect();
    assert_eq!(whole, ["notification delivered: your report is ready", "relayed upload: report.pdf"]);
    assert_eq!(lines.len(), 4, "the other two lines are torn: {lines:?}");
    assert!(lines[2].starts_with("[2026-01-15 09:00:00] [2026-01-15 09:00:00] "));
}

#[tokio::test(start_paused = true)]
async fn one_writer_leaves_every_line_whole() {
    let file = SlowFile::new(Duration::from_millis(10));
    let relaying =
        relay::relay_with_log(outbox(), file.clone(), from_nine_o_clock(), Journal::new(), Pace::FULL);
    timeout(HOUR, relaying).await.expect(STUCK).unwrap();
    let lines = file.lines();
    let mut entries: Vec<_> = lines.iter().filter_map(|line| entry_of(line)).collect();
    entries.sort_unstable();
    assert_eq!(entries, OUTCOMES);
    assert_eq!(lines.len(), 4);
}

#[tokio::test(start_paused = true)]
async fn wrong_a_task_that_writes_to_a_blocking_file_stops_the_other_tasks() {
    let journal = Journal::new();
    timeout(HOUR, story::log_and_block(journal.clone())).await.expect(STUCK);
    assert_journal!(
        journal,
        [
            (0, "heartbeat", "beat 1"),
            (50, "task 1", "logs"),
            (50, "task 1", "line written; beats meanwhile: 0"), // blocking takes no virtual time
            (100, "heartbeat", "beat 2"),
            (200, "heartbeat", "beat 3"),
            (300, "heartbeat", "beat 4"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_writer_that_waits_does_not_stop_other_tasks() {
    let journal = Journal::new();
    timeout(HOUR, story::log_and_wait(journal.clone())).await.expect(STUCK);
    assert_journal!(
        journal,
        [
            (0, "heartbeat", "beat 1"),
            (50, "task 1", "logs"),
            (50, "task 1", "continues"),
            (100, "heartbeat", "beat 2"),
            (200, "heartbeat", "beat 3"),
            (300, "heartbeat", "beat 4"),
            (350, "writer", "line written; beats meanwhile: 3"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_log_that_cannot_be_written_is_an_error_and_all_events_are_published() {
    let journal = Journal::new();
    let full = tokio_test::io::Builder::new().write_error(io::ErrorKind::StorageFull.into()).build();
    let relaying = relay::relay_with_log(outbox(), full, from_nine_o_clock(), journal.clone(), Pace::FULL);
    let error = timeout(HOUR, relaying).await.expect(STUCK).expect_err("the disk is full");
    assert_eq!(error.kind(), io::ErrorKind::StorageFull);
    assert!(journal.entries().iter().any(|entry| entry.at_ms == 800 && entry.task == "task 2"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)] // the real clock, and a real file
async fn a_hundred_tasks_write_a_thousand_whole_lines() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("async_log.txt");
    let (log, entries) = mpsc::channel(64);
    let file = open(&path).await.unwrap();
    let writing = tokio::spawn(write_lines(entries, file, || Local::now().naive_local()));
    for task in 0..100 {
        let log = log.clone();
        tokio::spawn(async move {
            for number in 0..10 {
                log.send(format!("task {task} entry {number}")).await.unwrap();
            }
        });
    }
    drop(log);
    writing.await.unwrap().unwrap();

    let mut next = BTreeMap::new();
    let written = fs::read_to_string(path).unwrap();
    for line in written.lines() {
        let (stamp, entry) = line.strip_prefix('[').unwrap().split_once("] ").unwrap();
        NaiveDateTime::parse_from_str(stamp, "%Y-%m-%d %H:%M:%S").unwrap();
        let (task, number) = entry.strip_prefix("task ").unwrap().split_once(" entry ").unwrap();
        let expected = next.entry(task.parse::<u32>().unwrap()).or_insert(0);
        assert_eq!(number.parse(), Ok(*expected), "each task's entries, in order");
        *expected += 1;
    }
    assert!(next.into_iter().eq((0..100).map(|task| (task, 10))));
    assert_eq!(written.lines().count(), 1000);
}

#[tokio::test] // the real clock: this test waits for a disk
async fn the_log_file_holds_a_line_for_each_event() {
    let folder = tempfile::tempdir().unwrap();
    relay::relay_to_file(outbox(), folder.path().to_owned(), Journal::new()).await.unwrap();
    let written = fs::read_to_string(folder.path().join("async_log.txt")).unwrap();
    let mut entries: Vec<_> = written.lines().filter_map(entry_of).collect();
    entries.sort_unstable();
    assert_eq!(entries, OUTCOMES);
    assert_eq!(written.lines().count(), 4);
}

#[tokio::test(start_paused = true)]
async fn the_loop_publishes_a_batch_at_once_and_marks_in_order() {
    let journal = Journal::new();
    timeout(HOUR, service::run(Outbox::new(&[300, 100, 200, 100, 200]), journal.clone())).await.expect(STUCK);
    assert_journal!(
        journal,
        [
            (0, "relay", "found rows [1, 2, 3]"),
            (100, "task 2", "published row 2"),
            (200, "task 3", "published row 3"),
            (300, "task 1", "published row 1"),
            (300, "relay", "marked row 1"),
            (300, "relay", "marked row 2"),
            (300, "relay", "marked row 3"),
            (300, "relay", "found rows [4, 5]"),
            (400, "task 4", "published row 4"),
            (400, "relay", "marked row 4"),
            (500, "task 5", "published row 5"),
            (500, "relay", "marked row 5"),
            (500, "relay", "found no rows"),
        ]
    );
}

// ANCHOR: crash
#[test]
fn wrong_a_crash_between_publish_and_mark_publishes_twice() {
    let outbox = Outbox::new(&[300, 100]);
    let mut published = Vec::new();
    for crash_after_ms in [200, 3_600_000] {
        let process = Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        let journal = process.block_on(async {
            let journal = Journal::new();
            let running = service::run(outbox.clone(), journal.clone());
            timeout(Duration::from_millis(crash_after_ms), running).await.ok();
            journal
        });
        drop(process); // and every task in it
        published.extend(journal.entries().into_iter().filter(|entry| entry.task != "relay"));
    }
    let published: Vec<_> = published.iter().map(|entry| entry.what.as_str()).collect();
    assert_eq!(published, ["published row 2", "published row 2", "published row 1"]);
}
// ANCHOR_END: crash

#[tokio::test(start_paused = true)]
async fn wrong_a_row_whose_task_panics_is_found_again_and_again() {
    let (journal, outbox) = (Journal::new(), Outbox::new(&[100, 50]).panicking_at(1));
    timeout(Duration::from_millis(350), service::run(outbox, journal.clone())).await.unwrap_err();
    assert_journal!(
        journal,
        [
            (0, "relay", "found rows [1, 2]"),
            (50, "task 2", "published row 2"),
            (100, "relay", "marked row 2"),
            (100, "relay", "found rows [1]"),
            (200, "relay", "found rows [1]"),
            (300, "relay", "found rows [1]"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_mutex_leaves_lines_whole_but_every_task_waits_for_the_disk() {
    let file = SlowFile::new(Duration::from_millis(10));
    let (shared, started) = (Arc::new(Mutex::new(file.clone())), Instant::now());
    let tasks = [1, 2, 3].map(|_| {
        let shared = Arc::clone(&shared);
        tokio::spawn(async move {
            let mut file = shared.lock().await;
            file.write_all(b"[09:00:00] ").await.unwrap();
            file.write_all(b"entry\n").await.unwrap();
            started.elapsed().as_millis()
        })
    });
    let mut done_at = Vec::new();
    for task in tasks {
        done_at.push(timeout(HOUR, task).await.expect(STUCK).unwrap());
    }
    assert_eq!(file.lines(), ["[09:00:00] entry"; 3]);
    assert_eq!(done_at, [20, 40, 60]);
}

#[tokio::test(start_paused = true)]
async fn ten_thousand_events_take_800_ms_too() {
    let payments = (0..10_000).map(|_| OutboxEvent::Payment(Cents(1250))).collect();
    let started = Instant::now();
    let log = relayed(payments, &Journal::new()).await;
    assert_eq!(started.elapsed(), Duration::from_millis(800));
    assert_eq!(log.lines().count(), 10_000);
}

#[test]
fn the_printed_timelines_are_the_ones_in_the_book() {
    lesson_14::story().assert_artifacts(env!("CARGO_MANIFEST_DIR"));
}

#[test]
fn every_claim_is_kept_in_every_schedule_by_the_right_version_only() {
    lesson_14::schedule::claims().assert_kept(env!("CARGO_MANIFEST_DIR"));
}
