//! The tests of exercise 18.3. Your file and the solution are tested by this one copy.

use std::time::Duration;

use shared::{HOUR, Journal, assert_journal};
use tokio::time::{sleep, timeout};

use super::sut::{Report, Row, Service, shut_down};

/// Longer than any test.
const NEVER_MS: u64 = 1_000_000_000;

/// Starts a service with these rows, shuts it down after `stop_at_ms` with a patience of 500 ms, and returns the story.
async fn story_of(confirmed_after_ms: &[u64], stop_at_ms: u64) -> (Journal, Option<Report>) {
    let journal = Journal::new();
    let row = |(number, &ms)| Row { number, confirmed_after: Duration::from_millis(ms) };
    let service = Service::start((1..).zip(confirmed_after_ms).map(row).collect(), &journal);
    sleep(Duration::from_millis(stop_at_ms)).await;
    journal.log("main", "shuts down");
    let report = timeout(HOUR, shut_down(service, Duration::from_millis(500))).await.ok();
    journal.log("main", if report.is_some() { "is done" } else { "gave up: shut_down did not return" });
    (journal, report)
}

#[track_caller]
fn check(report: Option<Report>, marked: usize, given_up: usize) {
    let report = report.expect("the story above says that it returned");
    assert_eq!(report, Report { marked, given_up }, "the story is right, and the report (left) is not");
}

#[tokio::test(start_paused = true)]
async fn what_is_under_way_is_finished_and_marked() {
    let (journal, report) = story_of(&[150, 150, 150], 190).await;
    assert_journal!(
        journal,
        [
            (60, "task 1", "sends its row"),
            (160, "task 2", "sends its row"),
            (190, "main", "shuts down"),
            (190, "poller", "ends"),
            (210, "task 1", "has its row confirmed"),
            (210, "marker", "marked row 1"),
            (310, "task 2", "has its row confirmed"),
            (310, "marker", "marked row 2"),
            (310, "main", "is done"),
        ]
    );
    check(report, 2, 0);
}

#[tokio::test(start_paused = true)]
async fn what_is_not_confirmed_by_the_deadline_is_given_up() {
    let (journal, report) = story_of(&[NEVER_MS, 150, 150], 190).await;
    assert_journal!(
        journal,
        [
            (60, "task 1", "sends its row"),
            (160, "task 2", "sends its row"),
            (190, "main", "shuts down"),
            (190, "poller", "ends"),
            (310, "task 2", "has its row confirmed"),
            (310, "marker", "marked row 2"),
            (690, "main", "is done"), // 500 ms after the poller has ended
        ]
    );
    check(report, 1, 1);
}

#[tokio::test(start_paused = true)]
async fn a_query_under_way_may_find_one_more_row() {
    let (journal, report) = story_of(&[30, 30, NEVER_MS], 230).await;
    assert_journal!(
        journal,
        [
            (60, "task 1", "sends its row"),
            (90, "task 1", "has its row confirmed"),
            (90, "marker", "marked row 1"),
            (160, "task 2", "sends its row"),
            (190, "task 2", "has its row confirmed"),
            (190, "marker", "marked row 2"),
            (230, "main", "shuts down"), // no task is under way now
            (260, "task 3", "sends its row"),
            (260, "poller", "ends"),
            (760, "main", "is done"),
        ]
    );
    check(report, 2, 1);
}
