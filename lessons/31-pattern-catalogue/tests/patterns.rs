//! The patterns of waiting, tasks, channels and data: who does what at which millisecond. What becomes of the rest is in `rest.rs`.

use lesson_31::{channels, flow, state, tasks, waiting};
use shared::{HOUR, Journal, assert_journal};
use tokio::time::timeout;

/// Plays a pattern to its end.
async fn played(play: impl AsyncFnOnce(Journal)) -> Journal {
    let journal = Journal::new();
    timeout(HOUR, play(journal.clone())).await.expect("no task can make progress");
    journal
}

#[tokio::test(start_paused = true)]
async fn join_has_all_results_in_the_time_of_the_slowest() {
    assert_journal!(
        played(waiting::join).await,
        [
            (0, "stock", "is asked"),
            (0, "price", "is asked"),
            (70, "stock", "answers 7"),
            (110, "price", "answers 1250"),
            (110, "shop", "offers 7 lamps at 1250 cents"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn try_join_ends_with_the_first_error() {
    assert_journal!(
        played(waiting::try_join).await,
        [
            (0, "stock", "is asked"),
            (0, "price", "is asked"),
            (70, "price", "answers Err(\"no price\")"),
            (70, "stock", "is dropped"),
            (70, "shop", "offers nothing: no price"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn select_takes_the_first_and_drops_the_other() {
    assert_journal!(
        played(waiting::select).await,
        [
            (0, "mirror 1", "is asked"),
            (0, "mirror 2", "is asked"),
            (70, "mirror 2", "answers \"the file\""),
            (70, "mirror 1", "is dropped"),
            (70, "shop", "has the file"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_timeout_ends_the_wait_and_not_the_work() {
    assert_journal!(
        played(waiting::timeout).await,
        [
            (0, "payment", "is sent"),
            (70, "relay", "does not know whether it is paid"),
            (110, "payment", "is confirmed"),
            (130, "relay", "goes on"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_detached_task_runs_on() {
    assert_journal!(
        played(tasks::spawn).await,
        [
            (0, "main", "is free for other work"),
            (0, "upload", "is sent"),
            (0, "audit", "is sent"),
            (110, "upload", "is confirmed"),
            (110, "main", "has the upload"),
            (150, "audit", "is confirmed"),
            (170, "main", "ends"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_computation_on_a_thread_holds_up_no_task() {
    assert_journal!(
        played(tasks::spawn_blocking).await,
        [(0, "stock", "is asked"), (0, "relay", "has the checksum 5000050000"), (70, "stock", "answers 7"),]
    );
}

#[tokio::test(start_paused = true)]
async fn a_set_yields_results_as_they_come_and_aborts_the_rest() {
    assert_journal!(
        played(tasks::join_set).await,
        [
            (0, "upload", "is sent"),
            (0, "payment", "is sent"),
            (0, "notice", "is sent"),
            (70, "notice", "is confirmed"),
            (70, "relay", "marks the notice"),
            (110, "upload", "is confirmed"),
            (110, "relay", "marks the upload"),
            (110, "payment", "is dropped"),
            (110, "relay", "ends"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_tracker_waits_for_all() {
    assert_journal!(
        played(tasks::task_tracker).await,
        [
            (0, "upload", "is sent"),
            (0, "payment", "is sent"),
            (0, "notice", "is sent"),
            (70, "notice", "is confirmed"),
            (90, "main", "still waits for 2 tasks"),
            (110, "upload", "is confirmed"),
            (150, "payment", "is confirmed"),
            (150, "main", "closes the database"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_token_is_looked_at_between_two_rows() {
    assert_journal!(
        played(tasks::cancellation_token).await,
        [
            (0, "row", "is sent"),
            (30, "row", "is confirmed"),
            (50, "row", "is sent"),
            (65, "operator", "asks the relay to stop"),
            (80, "row", "is confirmed"),
            (80, "relay", "takes no more rows"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_full_queue_makes_its_sender_wait() {
    assert_journal!(
        played(channels::mpsc).await,
        [
            (0, "shop", "has queued event 1"),
            (0, "shop", "has queued event 2"),
            (40, "relay", "has published event 1"),
            (40, "shop", "has queued event 3"),
            (110, "relay", "has published event 2"),
            (140, "relay", "has published event 3"),
            (140, "relay", "ends with its channel"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn one_answer_or_the_news_that_there_is_none() {
    assert_journal!(
        played(channels::oneshot).await,
        [(60, "shop", "has 7 lamps"), (110, "shop", "learns that there will be no price"),]
    );
}

#[tokio::test(start_paused = true)]
async fn a_subscriber_that_lags_has_missed_some() {
    assert_journal!(
        played(channels::broadcast).await,
        [
            (0, "audit", "has order 1"),
            (0, "mail", "has order 1"),
            (20, "audit", "has order 2"),
            (40, "audit", "has order 3"),
            (60, "audit", "has order 4"),
            (70, "mail", "has missed 1"),
            (140, "mail", "has order 3"),
            (210, "mail", "has order 4"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn only_the_newest_value_is_seen() {
    assert_journal!(
        played(channels::watch).await,
        [
            (0, "display", "draws 10 %"),
            (50, "display", "draws 70 %"),
            (100, "display", "draws 100 %"),
            (150, "display", "ends with its channel"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn an_actor_handles_one_request_at_a_time() {
    assert_journal!(
        played(state::actor).await,
        [
            (20, "shop 1", "takes one of 5"),
            (35, "shop 2", "gives up"),
            (60, "shop 3", "takes one of 3"),
            (60, "main", "counts 2 lamps"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_lock_is_held_for_an_addition() {
    assert_journal!(
        played(state::shared_state).await,
        [
            (40, "shop 2", "sells 1, which makes 1"),
            (70, "shop 1", "sells 2, which makes 3"),
            (95, "shop 3", "sells 3, which makes 6"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn readers_hear_of_changes_only() {
    assert_journal!(
        played(state::hot_reload).await,
        [
            (40, "reload", "reads 100; a change: false"),
            (80, "reload", "keeps the old value: invalid digit found in string"),
            (120, "reload", "reads 200; a change: true"),
            (120, "relay", "takes 200 rows"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn two_writes_are_in_flight() {
    assert_journal!(
        played(flow::stream).await,
        [
            (0, "order 7", "is asked"),
            (0, "order 9", "is asked"),
            (30, "order 9", "answers 400"),
            (30, "order 10", "is asked"),
            (80, "order 7", "answers 1250"),
            (90, "order 10", "answers 980"),
            (90, "relay", "has charged 2630 cents"),
        ]
    );
}
