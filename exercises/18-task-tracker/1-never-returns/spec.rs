//! The tests of exercise 18.1. Your file and the solution are tested by this one copy.

use std::time::Duration;

use shared::{HOUR, Journal, assert_journal};
use tokio::time::{sleep, timeout};
use tokio_test::task;

use super::sut::{Broker, publish_all};

/// Logs each event when it is confirmed, which takes a different time for each one.
#[derive(Clone)]
struct SlowBroker(Journal);

impl Broker for SlowBroker {
    async fn publish(&self, event: &'static str) {
        let takes_ms = match event {
            "order paid" => 370,
            "order shipped" => 610,
            "refund" => 130,
            _ => panic!("`{event}` is not an event of this test"),
        };
        sleep(Duration::from_millis(takes_ms)).await;
        self.0.log(event, "is confirmed");
    }
}

/// Publishes the events, and returns what happened.
async fn story_of(events: &[&'static str]) -> Journal {
    let journal = Journal::new();
    if timeout(HOUR, publish_all(events.to_vec(), SlowBroker(journal.clone()))).await.is_err() {
        panic!(
            "publish_all has not returned: it is still waiting after an hour. Tasks that have ended: {} of {}",
            journal.entries().len(),
            events.len()
        );
    }
    journal.log("publish_all", "returns");
    sleep(HOUR).await; // what is left behind is logged now
    journal
}

#[tokio::test(start_paused = true)]
async fn it_returns_when_the_last_task_has_ended() {
    let journal = story_of(&["order paid", "order shipped", "refund"]).await;
    assert_journal!(
        journal,
        [
            (130, "refund", "is confirmed"),
            (370, "order paid", "is confirmed"),
            (610, "order shipped", "is confirmed"),
            (610, "publish_all", "returns"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_single_event_takes_only_its_own_time() {
    let journal = story_of(&["refund"]).await;
    assert_journal!(journal, [(130, "refund", "is confirmed"), (130, "publish_all", "returns")]);
}

#[tokio::test(start_paused = true)]
async fn without_events_it_returns_at_once() {
    let journal = story_of(&[]).await;
    assert_journal!(journal, [(0, "publish_all", "returns")]);
}

#[tokio::test(start_paused = true)]
async fn it_sleeps_while_no_task_ends() {
    let mut publishing = task::spawn(publish_all(vec!["order paid"], SlowBroker(Journal::new())));
    assert!(publishing.poll_until_idle().is_pending(), "publish_all has returned before its task has ended");
    sleep(Duration::from_millis(300)).await;
    assert!(
        !publishing.is_woken(),
        "publish_all was woken within 300 ms, although its only task takes 370 ms: it checks again and again \
         instead of waiting for the task to end"
    );
}
