//! The tests of exercise 17.1. Your file and the solution are tested by this one copy.

use std::time::Duration;

use shared::{HOUR, Journal, assert_journal};
use tokio::time::{sleep, timeout};

use super::sut::{Event, relay};

fn three_events() -> Vec<Event> {
    [("upload", 500), ("payment", 800), ("notice", 300)]
        .map(|(name, takes_ms)| Event { name, takes_ms })
        .into()
}

#[tokio::test(start_paused = true)]
async fn each_event_is_marked_as_soon_as_it_is_published() {
    let journal = Journal::new();
    if timeout(HOUR, relay(three_events(), journal.clone())).await.is_err() {
        journal.log("test", "gave up: no task could go on");
    }
    assert_journal!(
        journal,
        [
            (300, "notice", "is published"),
            (300, "relay", "marks notice"),
            (500, "upload", "is published"),
            (500, "relay", "marks upload"),
            (800, "payment", "is published"),
            (800, "relay", "marks payment"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn when_the_relay_is_dropped_at_400_ms_nothing_is_published_any_more() {
    let journal = Journal::new();
    let stopped = timeout(Duration::from_millis(400), relay(three_events(), journal.clone())).await;
    assert!(stopped.is_err(), "the payment takes 800 ms, so the relay cannot be done at 400 ms");
    journal.log("test", "has dropped the relay");
    sleep(HOUR).await;
    assert_journal!(
        journal,
        [
            (300, "notice", "is published"),
            (300, "relay", "marks notice"),
            (400, "test", "has dropped the relay"),
        ]
    );
}
