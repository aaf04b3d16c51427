//! The scenes of lesson 24, with exact milliseconds on the paused clock.

use lesson_24::story::{self, story};
use lesson_24::{pace, wrong};
use shared::{HOUR, Journal, Pace, assert_journal};
use tokio::time::timeout;

const STUCK: &str = "no task can make progress";

/// Plays a scene at full size.
async fn played<F: Future>(scene: impl FnOnce(Journal, Pace) -> F) -> Journal {
    let journal = Journal::new();
    timeout(HOUR, scene(journal.clone(), Pace::FULL)).await.expect(STUCK);
    journal
}

#[tokio::test(start_paused = true)]
async fn wrong_a_fixed_window_lets_200_pass_in_two_seconds() {
    assert_journal!(
        played(story::fixed_window).await,
        [
            (59_000, "shop", "has 100 notifications"),
            (59_000, "relay", "has sent 100"),
            (59_000, "provider", "has refused 0 of them"),
            (61_000, "shop", "has 100 notifications"),
            (61_000, "relay", "has sent 100"),
            (61_000, "provider", "has refused 100 of them"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_sliding_window_lets_the_second_hundred_wait() {
    assert_journal!(
        played(story::sliding_window).await,
        [
            (59_000, "shop", "has 100 notifications"),
            (59_000, "relay", "has sent 100"),
            (59_000, "provider", "has refused 0 of them"),
            (61_000, "shop", "has 100 notifications"),
            (120_000, "relay", "has sent 100"),
            (120_000, "provider", "has refused 0 of them"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn wrong_an_interval_saves_up_the_ticks_that_nobody_takes() {
    assert_journal!(
        played(story::saved_ticks).await,
        [
            (600_000, "shop", "has 1000 notifications"),
            (600_000, "relay", "has sent 1000"),
            (600_000, "provider", "has refused 900 of them"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_bucket_of_three_lets_three_pass_at_once_and_then_one_every_600_ms() {
    assert_journal!(
        played(story::token_bucket).await,
        [
            (0, "customer 7", "request 1 passes"),
            (0, "customer 7", "request 2 passes"),
            (0, "customer 7", "request 3 passes"),
            (600, "customer 7", "request 4 passes"),
            (1200, "customer 7", "request 5 passes"),
            (4200, "customer 8", "request 1 passes"), // five tokens later, of which three fit
            (4200, "customer 8", "request 2 passes"),
            (4200, "customer 8", "request 3 passes"),
            (4800, "customer 8", "request 4 passes"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_request_over_the_limit_waits_is_dropped_or_is_an_error() {
    assert_journal!(
        played(|journal, _| story::policies(journal)).await,
        [
            (100, "search", "Error: try again in 500 ms"),
            (210, "progress", "is dropped"),
            (600, "payment", "is sent"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn wrong_without_a_queue_the_caller_that_asks_less_often_starves() {
    assert_journal!(
        played(story::try_again).await,
        [
            (600, "import", "passes"),
            (1200, "import", "passes"),
            (1800, "import", "passes"),
            (1900, "story", "stops watching"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn with_a_queue_they_pass_in_turn() {
    assert_journal!(
        played(story::first_come).await,
        [
            (600, "import", "passes"),
            (1200, "checkout", "passes"),
            (1800, "import", "passes"),
            (1900, "story", "stops watching"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn wrong_one_queue_for_all_customers_makes_one_wait_for_another() {
    assert_journal!(
        played(story::one_for_all).await,
        [
            (0, "customer 7", "request 1 passes"),
            (0, "customer 7", "request 2 passes"),
            (0, "customer 7", "request 3 passes"),
            (600, "customer 7", "request 4 passes"),
            (1200, "customer 7", "request 5 passes"),
            (1800, "customer 7", "request 6 passes"),
            (2400, "customer 8", "request 1 passes"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_limit_for_each_customer_makes_each_wait_for_itself() {
    assert_journal!(
        played(story::one_each).await,
        [
            (0, "customer 7", "request 1 passes"),
            (0, "customer 7", "request 2 passes"),
            (0, "customer 7", "request 3 passes"),
            (10, "customer 8", "request 1 passes"),
            (600, "customer 7", "request 4 passes"),
            (1200, "customer 7", "request 5 passes"),
            (1800, "customer 7", "request 6 passes"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn wrong_a_reserved_moment_is_lost_when_its_caller_gives_up() {
    assert_journal!(
        played(story::reserved).await,
        [
            (0, "caller 1", "passes"),
            (110, "caller 2", "gives up"),
            (120, "caller 3", "gives up"),
            (1800, "caller 4", "passes"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_gives_up_leaves_its_turn_to_the_next() {
    assert_journal!(
        played(story::gives_up).await,
        [
            (0, "caller 1", "passes"),
            (110, "caller 2", "gives up"),
            (120, "caller 3", "gives up"),
            (600, "caller 4", "passes"),
        ]
    );
}

/// The milliseconds at which events were published.
fn at_ms(journal: &Journal) -> Vec<u64> {
    journal.entries().iter().map(|entry| entry.at_ms).collect()
}

#[tokio::test(start_paused = true)]
async fn nine_events_at_3000_a_second() {
    let slow = Journal::new();
    wrong::sleep_each(9, 3000, &slow).await;
    assert_eq!(at_ms(&slow), [1, 2, 3, 4, 5, 6, 7, 8, 9]);
    let right = Journal::new();
    pace::paced(9, 3000, &right).await;
    assert_eq!(at_ms(&right), [0, 1, 1, 1, 2, 2, 2, 3, 3]);
}

#[test]
fn the_printed_timelines_are_the_ones_in_the_book() {
    story().assert_artifacts(env!("CARGO_MANIFEST_DIR"));
}
