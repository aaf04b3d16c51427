//! The patterns of flow, failure and delivery: who does what at which millisecond. What becomes of the rest is in `rest.rs`.

use lesson_31::{delivery, failure, flow};
use shared::{HOUR, Journal, assert_journal};
use tokio::time::timeout;

/// Plays a pattern to its end.
async fn played(play: impl AsyncFnOnce(Journal)) -> Journal {
    let journal = Journal::new();
    timeout(HOUR, play(journal.clone())).await.expect("no task can make progress");
    journal
}

#[tokio::test(start_paused = true)]
async fn a_batch_is_full_or_50_ms_old() {
    assert_journal!(
        played(flow::micro_batching).await,
        [
            (20, "relay", "writes [1, 2, 3]"),
            (80, "relay", "writes [4]"),
            (130, "relay", "writes [5, 6]"),
            (130, "relay", "ends with its channel"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn results_of_all_workers_come_to_one_place() {
    assert_journal!(
        played(flow::fan_out_fan_in).await,
        [
            (30, "worker 2", "has published event 2"),
            (30, "main", "marks event 2"),
            (70, "worker 1", "has published event 1"),
            (70, "main", "marks event 1"),
            (85, "worker 2", "has published event 4"),
            (85, "main", "marks event 4"),
            (110, "worker 1", "has published event 3"),
            (110, "main", "marks event 3"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn two_permits_are_two_at_a_time() {
    assert_journal!(
        played(flow::semaphore).await,
        [
            (0, "event 1", "is sent"),
            (0, "event 2", "is sent"),
            (40, "event 2", "is confirmed"),
            (40, "event 3", "is sent"),
            (70, "event 1", "is confirmed"),
            (70, "relay", "has spawned all"),
            (70, "event 4", "is sent"),
            (105, "event 3", "is confirmed"),
            (120, "event 4", "is confirmed"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn two_requests_pass_in_any_100_ms() {
    assert_journal!(
        played(flow::rate_limit).await,
        [
            (0, "relay", "makes request 1"),
            (15, "relay", "makes request 2"),
            (100, "relay", "makes request 3"),
            (115, "relay", "makes request 4"),
            (200, "relay", "makes request 5"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn the_pauses_between_attempts_double() {
    assert_journal!(
        played(failure::retry).await,
        [
            (0, "broker", "is asked"),
            (30, "broker", "answers Err(\"busy\")"),
            (50, "broker", "is asked"),
            (80, "broker", "answers Err(\"busy\")"),
            (120, "broker", "is asked"),
            (150, "broker", "answers Ok(())"),
            (150, "relay", "marks the event"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn an_open_breaker_refuses_and_then_probes() {
    assert_journal!(
        played(failure::circuit_breaker).await,
        [
            (0, "broker", "is asked"),
            (10, "broker", "answers Err(\"down\")"),
            (45, "broker", "is asked"),
            (55, "broker", "answers Err(\"down\")"),
            (55, "relay", "opens the breaker"),
            (90, "relay", "refuses call 3"),
            (125, "relay", "refuses call 4"),
            (160, "broker", "is asked"),
            (170, "broker", "answers Ok(())"),
            (205, "broker", "is asked"),
            (215, "broker", "answers Ok(())"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn three_attempts_and_then_it_is_put_aside() {
    assert_journal!(
        played(failure::dead_letter).await,
        [
            (0, "order 7", "is asked"),
            (20, "order 7", "answers Err(\"no address\")"),
            (20, "order 8", "is asked"),
            (40, "order 8", "answers Ok(())"),
            (40, "mail", "has sent order 8"),
            (40, "order 7", "is asked"),
            (60, "order 7", "answers Err(\"no address\")"),
            (60, "order 7", "is asked"),
            (80, "order 7", "answers Err(\"no address\")"),
            (80, "operator", "finds [(\"order 7\", \"no address\")]"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn an_event_that_was_not_marked_comes_again() {
    assert_journal!(
        played(delivery::outbox).await,
        [
            (0, "order 7", "is sent"),
            (40, "order 7", "is confirmed"),
            (50, "relay 1", "is killed"),
            (50, "order 7", "is sent"),
            (90, "order 7", "is confirmed"),
            (110, "relay 2", "marks order 7"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_repeat_changes_nothing() {
    assert_journal!(
        played(delivery::inbox).await,
        [
            (30, "billing", "books 101: 1250 cents in all"),
            (50, "billing", "books 102: 1650 cents in all"),
            (95, "billing", "has seen 101"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn each_event_goes_to_the_worker_that_is_free() {
    assert_journal!(
        played(delivery::queue_group).await,
        [
            (30, "worker 2", "has published event 2"),
            (70, "worker 2", "has published event 3"),
            (95, "worker 1", "has published event 1"),
            (105, "worker 2", "has published event 4"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn each_reply_finds_its_request_unless_it_is_late() {
    assert_journal!(
        played(delivery::request_reply).await,
        [
            (40, "shop", "request 2 has a reply: true"),
            (60, "shop", "request 1 has a reply: false"),
            (90, "bus", "the reply to 1 is late"),
        ]
    );
}
