//! The tests of exercise 18.3. Your file and the solution are tested by this one copy.

use std::time::Duration;

use shared::{HOUR, Journal, assert_journal};
use tokio::time::{sleep, timeout};
use tokio_test::task;

use super::sut::{Report, Row, Service, shut_down};

/// Longer than any test.
const NEVER_MS: u64 = 1_000_000_000;

fn start(confirmed_after_ms: &[u64], journal: &Journal) -> Service {
    let row = |(number, &ms)| Row { number, confirmed_after: Duration::from_millis(ms) };
    Service::start((1..).zip(confirmed_after_ms).map(row).collect(), journal)
}

/// Starts a service whose rows take these times to be confirmed, shuts it down after `stop_at_ms`, and returns what happened.
async fn story_of(
    confirmed_after_ms: &[u64],
    stop_at_ms: u64,
    patience_ms: u64,
) -> (Journal, Option<Report>) {
    let journal = Journal::new();
    let service = start(confirmed_after_ms, &journal);
    sleep(Duration::from_millis(stop_at_ms)).await;
    journal.log("main", "shuts down");
    let report = timeout(HOUR, shut_down(service, Duration::from_millis(patience_ms))).await.ok();
    journal.log("main", if report.is_some() { "is done" } else { "gives up: shut_down has not returned" });
    sleep(HOUR).await; // what is left behind is logged now
    (journal, report)
}

#[track_caller]
fn check(report: Option<Report>, marked: usize, given_up: usize) {
    let report = report.expect("the journal says that shut_down has returned");
    assert_eq!(
        report,
        Report { marked, given_up },
        "everything happened as it should, but the report (left) does not say so"
    );
}

#[tokio::test(start_paused = true)]
async fn rows_in_progress_are_finished_and_marked() {
    let (journal, report) = story_of(&[150, 170, 30], 190, 430).await;
    assert_journal!(
        journal,
        [
            (50, "task 1", "sends its row"),
            (160, "task 2", "sends its row"),
            (190, "main", "shuts down"),
            (190, "poller", "ends"),
            (200, "task 1", "has its row confirmed"),
            (270, "marker", "marked row 1"),
            (330, "task 2", "has its row confirmed"),
            (400, "marker", "marked row 2"),
            (400, "main", "is done"),
        ]
    );
    check(report, 2, 0);
}

#[tokio::test(start_paused = true)]
async fn tasks_that_have_not_ended_at_the_deadline_are_given_up() {
    let (journal, report) = story_of(&[NEVER_MS, 610, 520, NEVER_MS, 30], 400, 430).await;
    assert_journal!(
        journal,
        [
            (50, "task 1", "sends its row"),
            (160, "task 2", "sends its row"),
            (270, "task 3", "sends its row"),
            (380, "task 4", "sends its row"),
            (400, "main", "shuts down"),
            (400, "poller", "ends"),
            (770, "task 2", "has its row confirmed"),
            (790, "task 3", "has its row confirmed"),
            // At 830 ms tasks 1 and 4 are given up. Rows 2 and 3 are confirmed, so they are still marked.
            (840, "marker", "marked row 2"),
            (910, "marker", "marked row 3"),
            (910, "main", "is done"),
        ]
    );
    check(report, 2, 2);
}

#[tokio::test(start_paused = true)]
async fn a_query_in_progress_may_find_one_more_row() {
    let (journal, report) = story_of(&[30, 30, NEVER_MS, 30], 255, 170).await;
    assert_journal!(
        journal,
        [
            (50, "task 1", "sends its row"),
            (80, "task 1", "has its row confirmed"),
            (150, "marker", "marked row 1"),
            (160, "task 2", "sends its row"),
            (190, "task 2", "has its row confirmed"),
            (255, "main", "shuts down"), // no task is publishing at this moment
            (260, "marker", "marked row 2"),
            (270, "task 3", "sends its row"),
            (270, "poller", "ends"),
            (440, "main", "is done"), // 170 ms after the poller has ended
        ]
    );
    check(report, 2, 1);
}

#[tokio::test(start_paused = true)]
async fn with_nothing_in_progress_it_returns_at_once() {
    let (journal, report) = story_of(&[30], 255, 430).await;
    assert_journal!(
        journal,
        [
            (50, "task 1", "sends its row"),
            (50, "poller", "ends"),
            (80, "task 1", "has its row confirmed"),
            (150, "marker", "marked row 1"),
            (255, "main", "shuts down"),
            (255, "main", "is done"),
        ]
    );
    check(report, 1, 0);
}

#[tokio::test(start_paused = true)]
async fn it_sleeps_while_nothing_happens() {
    let service = start(&[NEVER_MS], &Journal::new());
    sleep(Duration::from_millis(100)).await; // the poller has ended, and task 1 is publishing
    let mut shutting_down = task::spawn(shut_down(service, HOUR));
    assert!(
        shutting_down.poll_until_idle().is_pending(),
        "shut_down has returned, although task 1 has not ended and has an hour"
    );
    sleep(Duration::from_millis(300)).await;
    assert!(
        !shutting_down.is_woken(),
        "shut_down was woken within 300 ms, although no task has ended: it checks again and again instead of waiting"
    );
}
