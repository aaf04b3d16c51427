//! The scenes of lesson 26, each a test: all entries with exact milliseconds, on the paused clock.

use std::future::Future;

use lesson_26::upload::{self, Memory};
use lesson_26::{import, limits, order, parcel, pipeline, points, sharing, shipping, story, wrong};
use shared::{HOUR, Journal, Pace, assert_journal};
use tokio::time::timeout;

const STUCK: &str = "no task can make progress";

/// Plays a scene and returns what it has logged.
async fn played<F: Future>(scene: impl FnOnce(Journal) -> F) -> Journal {
    let journal = Journal::new();
    timeout(HOUR, scene(journal.clone())).await.expect(STUCK);
    journal
}

#[tokio::test(start_paused = true)]
async fn wrong_one_handler_after_another_is_late_and_ends_with_the_first_error() {
    assert_journal!(
        played(wrong::one_after_another).await,
        [
            (0, "shop", "emits order 7"),
            (120, "stock", "reserves order 7"),
            (470, "billing", "cannot charge 1250 cents"),
            (470, "shop", "card declined"), // no mail, and nobody has missed it
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn emit_calls_all_handlers_at_once_and_reports_what_became_of_each() {
    assert_journal!(
        played(order::all_at_once).await,
        [
            (0, "shop", "emits order 7"),
            (60, "points", "looks up the account of order 7"),
            (120, "stock", "reserves order 7"),
            (200, "mail", "confirms order 7"),
            (350, "billing", "cannot charge 1250 cents"),
            (
                350,
                "shop",
                "stock: ok, billing: card declined, mail: ok, points: panicked: every order has an account"
            ),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_sequential_batch_takes_the_sum() {
    assert_journal!(
        played(parcel::sequential).await,
        [
            (0, "review", "begins with parcel 1"),
            (110, "review", "is done with parcel 1"),
            (110, "review", "begins with parcel 2"),
            (150, "review", "is done with parcel 2"),
            (150, "review", "begins with parcel 3"),
            (220, "review", "is done with parcel 3"),
            (220, "shop", "has 3 reports"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn in_a_concurrent_batch_a_report_that_is_ready_early_keeps_its_slot() {
    assert_journal!(
        played(parcel::concurrent).await,
        [
            (0, "review", "begins with parcel 1"),
            (0, "review", "begins with parcel 2"),
            (40, "review", "is done with parcel 2"), // its report waits for that of parcel 1
            (110, "review", "is done with parcel 1"),
            (110, "review", "begins with parcel 3"),
            (180, "review", "is done with parcel 3"),
            (180, "shop", "has 3 reports"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn emit_and_forget_does_not_wait_refuses_when_full_and_finish_waits() {
    assert_journal!(
        played(parcel::forgotten).await,
        [
            (0, "shop", "has parcel 3 back: no room"),
            (0, "shop", "answers the customer"),
            (0, "review", "begins with parcel 1"),
            (0, "review", "begins with parcel 2"),
            (40, "review", "is done with parcel 2"),
            (110, "review", "is done with parcel 1"),
            (110, "shop", "ends; failed events: 0"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn each_of_three_operations_in_a_handler_has_an_error_of_its_own() {
    assert_journal!(
        played(shipping::two_of_three_fail).await,
        [
            (90, "printer", "prints the label of order 7"), // although the van has failed at 60 ms
            (140, "shop", "shipping: the invoice has no tax number; no van is left"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_stream_in_a_handler_stops_at_the_first_error() {
    assert_journal!(
        played(import::first_error).await,
        [
            (30, "file", "is read: \"lamp=1250\""),
            (30, "import", "sets the price of a lamp to 1250 cents"),
            (60, "file", "is read: \"chair=4900\""),
            (60, "import", "sets the price of a chair to 4900 cents"),
            (90, "file", "is read: \"table=much\""), // and the fourth line is not
            (90, "shop", "import: invalid digit found in string"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_call_that_ends_lets_the_next_one_begin() {
    assert_journal!(
        played(limits::two_at_once).await,
        [
            (0, "review", "begins with parcel 1"),
            (0, "review", "begins with parcel 2"),
            (40, "review", "is done with parcel 2"),
            (40, "review", "begins with parcel 3"),
            (70, "review", "is done with parcel 3"),
            (70, "review", "begins with parcel 4"),
            (110, "review", "is done with parcel 1"),
            (110, "review", "begins with parcel 5"),
            (160, "review", "is done with parcel 4"),
            (170, "review", "is done with parcel 5"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn three_calls_a_minute_and_the_others_wait() {
    let journal = played(|journal| limits::three_a_minute(journal, Pace::FULL)).await;
    let begun = journal.entries().into_iter().filter(|entry| entry.what.starts_with("begins"));
    let begun_ms: Vec<u64> = begun.map(|entry| entry.at_ms).collect();
    assert_eq!(begun_ms, [0, 0, 0, 60_000, 60_000, 60_000, 120_000]);
}

#[tokio::test(start_paused = true)]
async fn wrong_two_calls_for_one_customer_lose_points() {
    let journal = played(wrong::overlap).await;
    let entries = journal.entries();
    assert!(entries.iter().all(|entry| entry.at_ms == 100));
    assert!(entries.iter().all(|entry| entry.what != "has 65 points"), "{entries:?}");
}

#[tokio::test(start_paused = true)]
async fn an_actor_for_each_customer_loses_nothing_and_holds_up_no_other_customer() {
    assert_journal!(
        played(points::actors).await,
        [
            (100, "customer 7", "has 40 points"),
            (100, "customer 8", "has 30 points"),
            (200, "customer 7", "has 65 points"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_pipeline_reports_what_it_could_not_parse() {
    assert_journal!(
        played(pipeline::two_lines).await,
        [
            (0, "stock", "reserves 42 gloves"),
            (0, "shop", "\"21\": pairs: ok"),
            (0, "shop", "\"a few\": pairs: invalid digit found in string"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn wrong_a_client_for_each_event_connects_each_time() {
    assert_journal!(
        played(wrong::three_clients).await,
        [
            (80, "client", "connects"),
            (100, "client", "posts order 1"),
            (180, "client", "connects"),
            (200, "client", "posts order 2"),
            (280, "client", "connects"),
            (300, "client", "posts order 3"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn one_client_connects_once() {
    assert_journal!(
        played(sharing::one_client).await,
        [
            (80, "client", "connects"),
            (100, "client", "posts order 1"),
            (120, "client", "posts order 2"),
            (140, "client", "posts order 3"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn wrong_a_dropped_chunk_frees_nothing() {
    let memory = Memory::default();
    let journal = played(|journal| wrong::borrowed_chunks(memory.clone(), journal)).await;
    let sent = "has 1024 bytes more; in memory: 4096";
    assert_journal!(
        journal,
        [(20, "backup", sent), (40, "backup", sent), (60, "backup", sent), (80, "backup", sent)]
    );
    assert_eq!(memory.in_use(), 0, "the file is freed at the end");
}

#[tokio::test(start_paused = true)]
async fn one_buffer_needs_a_kilobyte_however_large_the_file_is() {
    let sent = "has 1024 bytes more; in memory: 1024";
    assert_journal!(
        played(upload::one_buffer).await,
        [(20, "backup", sent), (40, "backup", sent), (60, "backup", sent), (80, "backup", sent)]
    );
}

#[test]
fn the_printed_timelines_are_the_ones_in_the_book() {
    story().assert_artifacts(env!("CARGO_MANIFEST_DIR"));
}
