//! Every claim of lesson 18 as a test, with exact milliseconds on the paused clock. Blocking work is tested on the real one.

use std::sync::mpsc as std_mpsc;
use std::time::Duration;

use lesson_18::broker::Broker::{Confirms, PanicsFor, SilentFor};
use lesson_18::story::{self, asked_to_stop};
use lesson_18::{service, watched, wrong};
use shared::{HOUR, Journal, assert_journal};
use tokio::runtime::Builder;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

const STUCK: &str = "no task can make progress";

#[test]
fn wrong_tasks_in_progress_are_dropped_with_the_runtime() {
    let runtime = Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    let journal = runtime.block_on(async {
        let journal = Journal::new();
        wrong::returns_at_once(asked_to_stop(&journal), Confirms, journal.clone()).await;
        journal
    });
    drop(runtime);
    assert_journal!(
        journal,
        [
            (0, "task 1", "sends row 1"),
            (100, "task 2", "sends row 2"),
            (150, "operator", "asks the service to stop"),
            (150, "main", "returns, and the program ends"), // both rows have been sent, neither is marked
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn wrong_with_one_token_for_everything_published_rows_stay_unmarked() {
    let journal = Journal::new();
    let stop = asked_to_stop(&journal);
    timeout(HOUR, wrong::one_token(stop, Confirms, journal.clone())).await.expect(STUCK);
    assert_journal!(
        journal,
        [
            (0, "task 1", "sends row 1"),
            (100, "task 2", "sends row 2"),
            (150, "operator", "asks the service to stop"),
            (150, "poller", "takes no more rows"),
            (180, "task 1", "row 1 is confirmed"),
            (180, "task 1", "cannot pass on row 1: the marker is gone"),
            (290, "task 2", "row 2 is confirmed"),
            (290, "task 2", "cannot pass on row 2: the marker is gone"),
            (290, "main", "closes the database"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn in_the_right_order_every_published_row_is_marked() {
    let journal = Journal::new();
    let stop = asked_to_stop(&journal);
    timeout(HOUR, service::run(stop, Confirms, journal.clone())).await.expect(STUCK);
    assert_journal!(
        journal,
        [
            (0, "task 1", "sends row 1"),
            (100, "task 2", "sends row 2"),
            (150, "operator", "asks the service to stop"),
            (150, "poller", "takes no more rows"), // at once, although its next poll was due at 200 ms
            (180, "task 1", "row 1 is confirmed"),
            (210, "marker", "marked row 1 as published"),
            (290, "task 2", "row 2 is confirmed"),
            (320, "marker", "marked row 2 as published"),
            (320, "marker", "has marked everything"),
            (320, "main", "closes the database"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn wrong_without_a_deadline_a_silent_broker_keeps_the_service_waiting() {
    let journal = Journal::new();
    let stop = asked_to_stop(&journal);
    let ended = timeout(HOUR, wrong::no_deadline(stop, SilentFor(2), journal.clone())).await;
    assert!(ended.is_err(), "it is still waiting an hour later");
}

#[tokio::test(start_paused = true)]
async fn at_the_deadline_the_rest_is_given_up_and_the_order_is_kept() {
    let journal = Journal::new();
    let stop = asked_to_stop(&journal);
    timeout(HOUR, service::run(stop, SilentFor(2), journal.clone())).await.expect(STUCK);
    assert_journal!(
        journal,
        [
            (0, "task 1", "sends row 1"),
            (100, "task 2", "sends row 2"),
            (150, "operator", "asks the service to stop"),
            (150, "poller", "takes no more rows"),
            (180, "task 1", "row 1 is confirmed"),
            (210, "marker", "marked row 1 as published"),
            (650, "main", "gives up; tasks left: 1"),
            (650, "marker", "has marked everything"),
            (650, "main", "closes the database"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn wrong_wait_does_not_return_while_the_tracker_is_open() {
    let journal = Journal::new();
    let ended = timeout(HOUR, wrong::never_closed(Confirms, journal.clone())).await;
    assert!(ended.is_err(), "it is still waiting an hour later");
    assert_eq!(journal.entries().len(), 6, "all three tasks have ended: {:?}", journal.entries());
}

// ANCHOR: closed
#[tokio::test(start_paused = true)]
async fn a_closed_tracker_still_accepts_tasks_and_waits_for_them() {
    let (tracker, start) = (TaskTracker::new(), Instant::now());
    tracker.close();
    tracker.spawn(sleep(Duration::from_millis(100)));
    timeout(HOUR, tracker.wait()).await.expect(STUCK);
    assert_eq!(start.elapsed(), Duration::from_millis(100));
}
// ANCHOR_END: closed

// ANCHOR: dropped
#[tokio::test(start_paused = true)]
async fn a_dropped_tracker_aborts_nothing_and_a_dropped_join_set_does() {
    let journal = Journal::new();
    let work = |task: &'static str| {
        let journal = journal.clone();
        async move {
            sleep(Duration::from_millis(100)).await;
            journal.log(task, "has ended");
        }
    };
    let (tracker, mut set) = (TaskTracker::new(), JoinSet::new());
    tracker.spawn(work("tracked"));
    set.spawn(work("in the set"));
    drop((tracker, set));
    sleep(HOUR).await;
    assert_journal!(journal, [(100, "tracked", "has ended")]);
}
// ANCHOR_END: dropped

#[tokio::test(start_paused = true)]
async fn a_tracker_forgets_a_task_that_has_ended_and_a_join_set_keeps_its_result() {
    let (tracker, mut set) = (TaskTracker::new(), JoinSet::new());
    for result in 1..=3 {
        tracker.spawn(async move { result });
        set.spawn(async move { result });
    }
    sleep(Duration::from_millis(1)).await; // all have ended
    assert_eq!((tracker.len(), set.len()), (0, 3));
}

#[tokio::test(start_paused = true)]
async fn a_token_stays_cancelled() {
    let stop = CancellationToken::new();
    let copy = stop.clone();
    stop.cancel();
    assert!(copy.is_cancelled());
    timeout(HOUR, copy.cancelled()).await.expect(STUCK); // there is no signal that a late listener could miss
}

#[tokio::test(start_paused = true)]
async fn run_until_cancelled_keeps_a_result_unless_the_token_was_cancelled_before() {
    let stop = CancellationToken::new();
    let both_at_once = async {
        stop.cancel();
        "finished"
    };
    assert_eq!(stop.run_until_cancelled(both_at_once).await, Some("finished"));

    let never_polled = async { panic!("the token was cancelled before") };
    assert_eq!(stop.run_until_cancelled(never_polled).await, None::<()>);
}

#[tokio::test(start_paused = true)]
async fn a_child_is_cancelled_with_its_parent_but_not_the_other_way_round() {
    let service = CancellationToken::new();
    let (importer, exporter) = (service.child_token(), service.child_token());
    importer.cancel();
    assert_eq!((service.is_cancelled(), exporter.is_cancelled()), (false, false));
    service.cancel();
    assert!(exporter.is_cancelled());
}

#[tokio::test(start_paused = true)]
async fn wrong_a_panic_in_a_tracked_task_is_silent() {
    let journal = Journal::new();
    timeout(HOUR, wrong::silent_panic(PanicsFor(2), journal.clone())).await.expect(STUCK);
    assert_journal!(
        journal,
        [
            (0, "task 1", "sends row 1"),
            (0, "task 2", "sends row 2"),
            (0, "task 3", "sends row 3"),
            (180, "task 1", "row 1 is confirmed"),
            (200, "task 3", "row 3 is confirmed"),
            (200, "main", "reports: 3 rows are published"), // two are
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_task_that_awaits_another_sees_its_panic() {
    let journal = Journal::new();
    timeout(HOUR, watched::watched(PanicsFor(2), journal.clone())).await.expect(STUCK);
    assert_journal!(
        journal,
        [
            (0, "task 1", "sends row 1"),
            (0, "task 2", "sends row 2"),
            (0, "task 3", "sends row 3"),
            (180, "task 1", "row 1 is confirmed"),
            (190, "watcher", "the task for row 2 panicked"),
            (200, "task 3", "row 3 is confirmed"),
            (200, "main", "all tasks have ended"),
        ]
    );
}

// ANCHOR: handle
#[tokio::test(start_paused = true)]
async fn the_handle_that_spawn_returns_reports_the_panic() {
    let tracker = TaskTracker::new();
    let handle = tracker.spawn(async { panic!("the broker sent nonsense") });
    tracker.close();
    timeout(HOUR, tracker.wait()).await.expect(STUCK); // does not tell how the tasks ended
    assert!(handle.await.expect_err("the task panicked").is_panic());
}
// ANCHOR_END: handle

#[tokio::test(start_paused = true)]
async fn a_panic_does_not_stop_the_service() {
    let journal = Journal::new();
    let stop = asked_to_stop(&journal);
    timeout(HOUR, service::run(stop, PanicsFor(2), journal.clone())).await.expect(STUCK);
    assert_journal!(
        journal,
        [
            (0, "task 1", "sends row 1"),
            (100, "task 2", "sends row 2"),
            (150, "operator", "asks the service to stop"),
            (150, "poller", "takes no more rows"),
            (180, "task 1", "row 1 is confirmed"),
            (210, "marker", "marked row 1 as published"),
            (290, "watcher", "the task for row 2 panicked"),
            (290, "marker", "has marked everything"),
            (290, "main", "closes the database"),
        ]
    );
}

#[tokio::test] // on the real clock: the paused one does not advance while blocking work runs
async fn abort_does_not_stop_blocking_work_and_the_tracker_waits_for_it() {
    let (tracker, (started, has_started)) = (TaskTracker::new(), std_mpsc::channel());
    let (let_go, held) = std_mpsc::channel();
    let working = tracker.spawn_blocking(move || {
        started.send(()).unwrap();
        held.recv().unwrap()
    });
    tracker.close();
    has_started.recv().unwrap();

    working.abort();
    timeout(Duration::from_millis(50), tracker.wait()).await.expect_err("it is still working");
    let_go.send("finished").unwrap();
    timeout(HOUR, tracker.wait()).await.expect(STUCK);
    assert_eq!(working.await.unwrap(), "finished"); // not `cancelled`
}

#[test]
fn the_printed_timelines_are_the_ones_in_the_book() {
    story::story().assert_artifacts(env!("CARGO_MANIFEST_DIR"));
}
