//! The tests of exercise 19.3. Your file and the solution are tested by this one copy.

use std::time::Duration;

use shared::{HOUR, Journal, assert_journal};
use tokio::time::{sleep, timeout};

use super::sut::{Event, Relay};

/// Has the events published, 10 ms from one to the next, and returns the story.
async fn story_of(events: &[(&'static str, &'static str, u64)]) -> Journal {
    let journal = Journal::new();
    let mut relay = Relay::new(journal.clone());
    for &(customer, name, takes_ms) in events {
        relay.publish(Event { customer, name, takes: Duration::from_millis(takes_ms) }).await;
        sleep(Duration::from_millis(10)).await;
    }
    match timeout(HOUR, relay.end()).await {
        Ok(()) => journal.log("main", "has ended the relay"),
        Err(_) => journal.log("main", "gave up: `end` does not return. Who still holds a sender?"),
    }
    journal
}

#[tokio::test(start_paused = true)]
async fn a_customers_events_keep_their_order() {
    let journal = story_of(&[("ann", "order", 300), ("ann", "payment", 100), ("ann", "refund", 50)]).await;
    assert_journal!(
        journal,
        [
            (0, "ann", "has an actor"),
            (300, "ann", "order is published"),
            (400, "ann", "payment is published"),
            (450, "ann", "refund is published"),
            (450, "main", "has ended the relay"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn customers_do_not_wait_for_one_another() {
    let journal = story_of(&[("ann", "order", 300), ("bob", "order", 100), ("ann", "payment", 100)]).await;
    assert_journal!(
        journal,
        [
            (0, "ann", "has an actor"),
            (10, "bob", "has an actor"),
            (110, "bob", "order is published"),
            (300, "ann", "order is published"),
            (400, "ann", "payment is published"),
            (400, "main", "has ended the relay"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn without_events_it_ends_at_once() {
    let journal = story_of(&[]).await;
    assert_journal!(journal, [(0, "main", "has ended the relay")]);
}
