//! What lesson 17 claims, each claim a test: all entries with exact milliseconds, on the paused clock.

use std::time::Duration;

use lesson_17::event::{EMPTY_NOTICE, Event, NOTICE, PAYMENT, REFUND, Refused, UPLOAD};
use lesson_17::outcome::{Outcome, Publishing};
use lesson_17::relay::stop_after;
use lesson_17::story::{four_events, told_apart};
use lesson_17::{refill, relay, story, wrong};
use shared::{HOUR, Journal, assert_journal};
use tokio::runtime::Handle;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};

const STUCK: &str = "no task can make progress";

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

#[tokio::test(start_paused = true)]
async fn wrong_a_relay_that_is_dropped_leaves_its_tasks_behind() {
    let journal = Journal::new();
    stop_after(ms(250), wrong::relay(vec![UPLOAD, PAYMENT], journal.clone()), &journal).await;
    sleep(HOUR).await;
    assert_journal!(
        journal,
        [
            (0, "upload", "begins"),
            (0, "payment", "begins"),
            (250, "main", "stops the relay"),
            (500, "upload", "is published"),
            (800, "payment", "is published"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_set_that_is_dropped_aborts_its_tasks() {
    let journal = Journal::new();
    stop_after(ms(250), relay::relay(vec![UPLOAD, PAYMENT], journal.clone()), &journal).await;
    sleep(HOUR).await;
    assert_journal!(
        journal,
        [
            (0, "upload", "begins"),
            (0, "payment", "begins"),
            (250, "main", "stops the relay"),
            (250, "upload", "is cut off"),
            (250, "payment", "is cut off"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn detached_tasks_keep_running_without_the_set() {
    let journal = Journal::new();
    let mut tasks: JoinSet<_> = [UPLOAD.publish(journal.clone())].into_iter().collect();
    tasks.detach_all();
    drop(tasks);
    sleep(HOUR).await;
    assert_journal!(journal, [(0, "upload", "begins"), (500, "upload", "is published")]);
}

#[tokio::test(start_paused = true)]
async fn wrong_handles_that_are_awaited_in_order_report_an_error_late() {
    let journal = Journal::new();
    timeout(HOUR, wrong::relay(four_events(), journal.clone())).await.expect(STUCK);
    assert_journal!(
        journal,
        [
            (0, "upload", "begins"),
            (0, "payment", "begins"),
            (0, "notice", "begins"),
            (0, "refund", "begins"),
            (300, "notice", "is refused"),
            (500, "upload", "is published"),
            (500, "relay", "marks the upload"),
            (600, "refund", "is published"),
            (800, "payment", "is published"),
            (800, "relay", "marks the payment"),
            (800, "relay", "Error: refused by the broker"), // known at 300
            (800, "relay", "marks the refund"),             // published at 600
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_set_returns_results_as_the_tasks_end() {
    let journal = Journal::new();
    timeout(HOUR, relay::relay(four_events(), journal.clone())).await.expect(STUCK);
    assert_journal!(
        journal,
        [
            (0, "upload", "begins"),
            (0, "payment", "begins"),
            (0, "notice", "begins"),
            (0, "refund", "begins"),
            (300, "notice", "is refused"),
            (300, "relay", "Error: refused by the broker"),
            (500, "upload", "is published"),
            (500, "relay", "marks the upload"),
            (600, "refund", "is published"),
            (600, "relay", "marks the refund"),
            (800, "payment", "is published"),
            (800, "relay", "marks the payment"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn panics_errors_and_aborts_are_told_apart() {
    let journal = Journal::new();
    timeout(HOUR, told_apart(journal.clone())).await.expect(STUCK);
    assert_journal!(
        journal,
        [
            (0, "upload", "begins"),
            (0, "notice", "begins"),
            (0, "receipt", "begins"),
            (0, "payment", "begins"),
            (300, "relay", "crashed: notice"),
            (400, "operator", "stops the payment"),
            (400, "payment", "is cut off"),
            (400, "relay", "stopped: payment"),
            (500, "upload", "is published"),
            (500, "relay", "published: upload"),
            (600, "receipt", "is refused"),
            (600, "relay", "refused: receipt"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_wait_for_the_next_outcome_may_be_dropped() {
    let (journal, mut publishing) = (Journal::new(), Publishing::default());
    for event in four_events() {
        publishing.start(event, &journal);
    }
    let mut outcomes = Vec::new();
    loop {
        // Dropped every 7 ms, and started again.
        match timeout(ms(7), publishing.next()).await {
            Ok(Some(outcome)) => outcomes.push(outcome),
            Ok(None) => break,
            Err(_elapsed) => {}
        }
    }
    let expected = [
        ("notice", Outcome::Refused),
        ("upload", Outcome::Published),
        ("refund", Outcome::Published),
        ("payment", Outcome::Published),
    ];
    assert_eq!(outcomes, expected);
}

#[tokio::test(start_paused = true)]
async fn a_dropped_join_next_leaves_the_task_in_the_set() {
    let mut tasks: JoinSet<_> = [NOTICE.publish(Journal::new())].into_iter().collect();
    assert!(timeout(ms(299), tasks.join_next()).await.is_err());
    sleep(ms(2)).await;
    assert_eq!(tasks.len(), 1); // it has ended, and its result is still there
    assert_eq!(tasks.join_next().await.unwrap().unwrap(), Err(Refused));
    assert_eq!(tasks.len(), 0);
}

#[tokio::test(start_paused = true)]
async fn try_join_next_takes_out_what_has_ended_and_does_not_wait() {
    let mut tasks: JoinSet<_> =
        four_events().into_iter().map(|event| event.publish(Journal::new())).collect();
    sleep(ms(550)).await;
    assert_eq!(tasks.try_join_next().unwrap().unwrap(), Err(Refused));
    assert_eq!(tasks.try_join_next().unwrap().unwrap(), Ok("upload"));
    assert!(tasks.try_join_next().is_none());
    assert_eq!(tasks.len(), 2); // the payment and the refund are still running
}

#[tokio::test(start_paused = true)]
async fn an_empty_set_returns_none_immediately() {
    assert_eq!(JoinSet::<()>::new().join_next().await.map(Result::unwrap), None);
}

// ANCHOR: join-all
#[tokio::test(start_paused = true)]
async fn wrong_join_all_panics_with_the_first_task_that_does() {
    let journal = Journal::new();
    let relaying = tokio::spawn(wrong::all_or_panic(vec![UPLOAD, EMPTY_NOTICE], journal.clone()));
    assert!(relaying.await.unwrap_err().is_panic());
    sleep(ms(1)).await; // the others are aborted, and end
    assert_journal!(
        journal,
        [(0, "upload", "begins"), (0, "notice", "begins"), (300, "upload", "is cut off")]
    );
}
// ANCHOR_END: join-all

#[tokio::test(start_paused = true)]
async fn wrong_a_question_mark_aborts_what_is_under_way() {
    let journal = Journal::new();
    let ended = timeout(HOUR, wrong::until_refused(vec![PAYMENT, NOTICE], journal.clone())).await;
    assert_eq!(ended.expect(STUCK), Err(Refused));
    sleep(HOUR).await;
    assert_journal!(
        journal,
        [
            (0, "payment", "begins"),
            (0, "notice", "begins"),
            (300, "notice", "is refused"),
            (300, "payment", "is cut off"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn wrong_tasks_that_are_never_joined_stay_in_the_set() {
    assert_eq!(wrong::never_joined(1000).await, 1000);
    assert_eq!(Handle::current().metrics().num_alive_tasks(), 0, "all of them have ended");
}

#[tokio::test(start_paused = true)]
async fn wrong_batches_of_three_take_500_ms() {
    let journal = Journal::new();
    timeout(HOUR, wrong::batches(refill::rows(), journal.clone())).await.expect(STUCK);
    assert_journal!(
        journal,
        [
            (0, "row 1", "begins"),
            (0, "row 2", "begins"),
            (0, "row 3", "begins"),
            (100, "row 2", "is published"),
            (100, "relay", "marks row 2"),
            (210, "row 3", "is published"),
            (210, "relay", "marks row 3"),
            (300, "row 1", "is published"),
            (300, "relay", "marks row 1"),
            (300, "row 4", "begins"),
            (300, "row 5", "begins"),
            (430, "row 4", "is published"),
            (430, "relay", "marks row 4"),
            (500, "row 5", "is published"),
            (500, "relay", "marks row 5"),
            (500, "relay", "is done"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_set_that_is_refilled_takes_410_ms_with_three_at_once() {
    let journal = Journal::new();
    timeout(HOUR, refill::refill(refill::rows(), journal.clone())).await.expect(STUCK);
    assert_journal!(
        journal,
        [
            (0, "row 1", "begins"),
            (0, "row 2", "begins"),
            (0, "row 3", "begins"),
            (100, "row 2", "is published"),
            (100, "relay", "marks row 2"),
            (100, "row 4", "begins"),
            (210, "row 3", "is published"),
            (210, "relay", "marks row 3"),
            (210, "row 5", "begins"),
            (230, "row 4", "is published"),
            (230, "relay", "marks row 4"),
            (300, "row 1", "is published"),
            (300, "relay", "marks row 1"),
            (410, "row 5", "is published"),
            (410, "relay", "marks row 5"),
            (410, "relay", "is done"),
        ]
    );
    let mut under_way: i32 = 0;
    for entry in journal.entries() {
        under_way += match entry.what.as_str() {
            "begins" => 1,
            "is published" => -1,
            _ => 0,
        };
        assert!((0..=3).contains(&under_way), "{under_way} rows under way at {} ms", entry.at_ms);
    }
}

#[tokio::test(start_paused = true)]
async fn two_runs_write_the_same_journal() {
    let mut runs = Vec::new();
    for _ in 0..2 {
        let (journal, started) = (Journal::new(), Instant::now());
        relay::relay(vec![UPLOAD, PAYMENT, NOTICE, REFUND], journal.clone()).await;
        assert_eq!(started.elapsed(), ms(800));
        runs.push(journal.entries().into_iter().map(|entry| (entry.at_ms, entry.what)).collect::<Vec<_>>());
    }
    assert_eq!(runs[0], runs[1]);
}

#[tokio::test(start_paused = true)]
async fn an_event_says_how_it_ended() {
    let journal = Journal::new();
    let outcomes = [UPLOAD, NOTICE].map(|event: Event| event.publish(journal.clone()));
    let [upload, notice] = outcomes;
    assert_eq!(tokio::join!(upload, notice), (Ok("upload"), Err(Refused)));
}

#[test]
fn the_printed_timelines_are_the_ones_in_the_book() {
    story().assert_artifacts(env!("CARGO_MANIFEST_DIR"));
}
