//! The tests of exercise 17.1. Your file and the solution are tested by this one copy.

use std::time::Duration;

use shared::{HOUR, Journal, assert_journal};
use tokio::time::{sleep, timeout};
use tokio_test::task;

use super::sut::{Broker, relay};

/// Logs when an event is published, which takes a different time for each one.
#[derive(Clone)]
struct SlowBroker(Journal);

impl Broker for SlowBroker {
    async fn publish(&self, event: &'static str) {
        let takes_ms = match event {
            "upload" => 510,
            "payment" => 830,
            "notice" => 290,
            _ => panic!("`{event}` is not an event of this test"),
        };
        sleep(Duration::from_millis(takes_ms)).await;
        self.0.log(event, "is published");
    }
}

/// Runs a relay with three events, drops it after `limit`, and returns what happened until an hour later.
async fn story_of(limit: Duration) -> Journal {
    let journal = Journal::new();
    let relay = relay(vec!["upload", "payment", "notice"], SlowBroker(journal.clone()), journal.clone());
    match timeout(limit, relay).await {
        Ok(()) => journal.log("relay", "returns"),
        Err(_) => journal.log("test", "has dropped the relay"),
    }
    sleep(HOUR).await; // a task that is left behind publishes its event now
    journal
}

#[tokio::test(start_paused = true)]
async fn each_event_is_marked_as_soon_as_it_is_published() {
    assert_journal!(
        story_of(HOUR).await,
        [
            (290, "notice", "is published"),
            (290, "relay", "marks notice"),
            (510, "upload", "is published"),
            (510, "relay", "marks upload"),
            (830, "payment", "is published"),
            (830, "relay", "marks payment"),
            (830, "relay", "returns"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn when_the_relay_is_dropped_nothing_more_is_published() {
    assert_journal!(
        story_of(Duration::from_millis(400)).await,
        [
            (290, "notice", "is published"),
            (290, "relay", "marks notice"),
            (400, "test", "has dropped the relay"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn it_sleeps_while_no_event_is_published() {
    let journal = Journal::new();
    let mut relay = task::spawn(relay(vec!["payment"], SlowBroker(journal.clone()), journal));
    assert!(relay.poll_until_idle().is_pending(), "the relay has returned before its event was published");
    sleep(Duration::from_millis(300)).await;
    assert!(
        !relay.is_woken(),
        "the relay was woken within 300 ms, although its only event takes 830 ms: it checks again and again \
         instead of waiting for a task to end"
    );
}
