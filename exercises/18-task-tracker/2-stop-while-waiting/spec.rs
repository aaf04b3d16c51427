//! The tests of exercise 18.2. Your file and the solution are tested by this one copy.

use std::time::Duration;

use shared::{HOUR, Journal, assert_journal};
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};
use tokio_test::task;
use tokio_util::sync::CancellationToken;

use super::sut::{Broker, relay};

/// Logs when it is sent an event and when the event is confirmed, which takes a different time for each one.
#[derive(Clone)]
struct SlowBroker(Journal);

impl Broker for SlowBroker {
    async fn publish(&self, event: &'static str) {
        let takes_ms = match event {
            "order 1" => 130,
            "order 2" => 370,
            _ => 210,
        };
        self.0.log("relay", format_args!("sends {event}"));
        sleep(Duration::from_millis(takes_ms)).await;
        self.0.log("relay", format_args!("has {event} confirmed"));
    }
}

/// Sends each event at its millisecond, and asks the relay to stop at another. Without that, the channel ends after the last
/// event. Returns what happened, and which events are left in the channel.
async fn story_of(
    events: &'static [(u64, &'static str)],
    stop_at_ms: Option<u64>,
) -> (Journal, Vec<&'static str>) {
    let (journal, stop) = (Journal::new(), CancellationToken::new());
    let (tx, mut rx) = mpsc::channel(8);
    tokio::spawn(async move {
        let mut now_ms = 0;
        for &(at_ms, event) in events {
            sleep(Duration::from_millis(at_ms - now_ms)).await;
            now_ms = at_ms;
            tx.send(event).await.ok(); // fails when the test is over
        }
        if stop_at_ms.is_some() {
            tx.closed().await; // keeps the channel open
        }
    });
    if let Some(stop_at_ms) = stop_at_ms {
        let (journal, stop) = (journal.clone(), stop.clone());
        tokio::spawn(async move {
            sleep(Duration::from_millis(stop_at_ms)).await;
            journal.log("operator", "asks the relay to stop");
            stop.cancel();
        });
    }
    match timeout(HOUR, relay(&mut rx, stop, SlowBroker(journal.clone()))).await {
        Ok(()) => journal.log("relay", "stops"),
        Err(_) => journal.log("test", "gives up: the relay has not stopped"),
    }
    let left = std::iter::from_fn(|| rx.try_recv().ok()).collect();
    sleep(HOUR).await; // what is left behind is logged now
    (journal, left)
}

#[tokio::test(start_paused = true)]
async fn asked_while_it_waits_it_stops_at_once() {
    let (journal, _) = story_of(&[(0, "order 1"), (1000, "order 2")], Some(255)).await;
    assert_journal!(
        journal,
        [
            (0, "relay", "sends order 1"),
            (130, "relay", "has order 1 confirmed"),
            (255, "operator", "asks the relay to stop"),
            (255, "relay", "stops"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn asked_while_it_publishes_it_finishes_that_event() {
    let (journal, _) = story_of(&[(95, "order 2")], Some(250)).await;
    assert_journal!(
        journal,
        [
            (95, "relay", "sends order 2"),
            (250, "operator", "asks the relay to stop"),
            (465, "relay", "has order 2 confirmed"),
            (465, "relay", "stops"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn what_is_queued_stays_in_the_channel() {
    // 64 times: where chance decides, once would not show it.
    for _ in 0..64 {
        let events = &[(0, "order 1"), (1, "order 2"), (2, "order 3"), (3, "order 4")];
        let (journal, left) = story_of(events, Some(250)).await;
        assert_journal!(
            journal,
            [
                (0, "relay", "sends order 1"),
                (130, "relay", "has order 1 confirmed"),
                (130, "relay", "sends order 2"),
                (250, "operator", "asks the relay to stop"),
                (500, "relay", "has order 2 confirmed"),
                (500, "relay", "stops"),
            ]
        );
        assert_eq!(
            left,
            ["order 3", "order 4"],
            "the events left in the channel (left) are not those that were queued (right): the relay took an event \
             and did not publish it"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn asked_before_it_begins_it_takes_nothing() {
    let (stop, journal) = (CancellationToken::new(), Journal::new());
    stop.cancel();
    for _ in 0..64 {
        let (tx, mut rx) = mpsc::channel(1);
        tx.send("order 1").await.expect("there is a receiver");
        let relay = relay(&mut rx, stop.clone(), SlowBroker(journal.clone()));
        timeout(HOUR, relay)
            .await
            .expect("asked before it begins, the relay must stop at once, and it never did");
        assert_journal!(journal, []);
        assert_eq!(rx.try_recv(), Ok("order 1"), "the relay took an event after it was asked to stop");
    }
}

#[tokio::test(start_paused = true)]
async fn it_ends_with_its_channel_too() {
    let (journal, _) = story_of(&[(0, "order 1"), (1, "order 2")], None).await;
    assert_journal!(
        journal,
        [
            (0, "relay", "sends order 1"),
            (130, "relay", "has order 1 confirmed"),
            (130, "relay", "sends order 2"),
            (500, "relay", "has order 2 confirmed"),
            (500, "relay", "stops"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn it_sleeps_while_it_waits() {
    let (_tx, mut rx) = mpsc::channel(1);
    let relay = relay(&mut rx, CancellationToken::new(), SlowBroker(Journal::new()));
    let mut relay = task::spawn(relay);
    assert!(relay.poll_until_idle().is_pending(), "the relay has stopped, and nobody has asked it to");
    sleep(Duration::from_millis(300)).await;
    assert!(
        !relay.is_woken(),
        "the relay was woken within 300 ms, although there was no event and nobody asked it to stop: it checks \
         again and again instead of waiting for both"
    );
}
