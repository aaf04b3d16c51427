//! The tests of exercise 20.4. Your file and the solution are tested by this one copy.

use std::time::Duration;

use shared::{HOUR, Journal, assert_journal};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use super::sut::{Config, Event, spawn_relay};

fn config(endpoint: &str, timeout_ms: u64) -> Config {
    Config { endpoint: endpoint.to_owned(), timeout: Duration::from_millis(timeout_ms) }
}

fn event(name: &'static str, takes_ms: u64) -> Event {
    Event { name, takes: Duration::from_millis(takes_ms) }
}

async fn wait(ms: u64) {
    sleep(Duration::from_millis(ms)).await;
}

async fn ended(relay: JoinHandle<()>) {
    let ended = timeout(HOUR, relay).await.expect("no sender of events is left, and the relay has not ended");
    ended.expect("the relay does not panic");
}

#[tokio::test(start_paused = true)]
async fn a_change_in_the_middle_of_a_publish_applies_to_the_next_event() {
    let (journal, (events, received)) = (Journal::new(), mpsc::channel(8));
    let (tx, rx) = watch::channel(config("broker-1", 310));
    let relay = spawn_relay(received, rx, journal.clone());
    for event in [event("order 1", 130), event("order 2", 130), event("order 3", 370)] {
        events.try_send(event).expect("there are free slots");
    }
    drop(events);
    wait(23).await;
    tx.send_replace(config("broker-2", 90)); // while the relay connects to broker-1
    wait(230).await;
    tx.send_replace(config("broker-3", 500)); // while broker-2 takes its time
    ended(relay).await;
    assert_journal!(
        journal,
        [
            (170, "relay", "order 1: published at broker-1"), // connected at 40 ms; takes 130 ms of at most 310
            (300, "relay", "order 2: timed out at broker-2"), // connected at 210 ms; at most 90 ms
            (710, "relay", "order 3: published at broker-3"), // connected at 340 ms; takes 370 ms of at most 500
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_change_while_the_relay_waits_applies_to_the_next_event() {
    let (journal, (events, received)) = (Journal::new(), mpsc::channel(8));
    let (tx, rx) = watch::channel(config("broker-1", 310));
    let relay = spawn_relay(received, rx, journal.clone());
    events.try_send(event("order 1", 130)).expect("there are free slots");
    wait(370).await;
    tx.send_replace(config("broker-2", 310)); // the relay has been waiting for an event since 170 ms
    wait(200).await;
    events.try_send(event("order 2", 130)).expect("there are free slots");
    wait(300).await;
    tx.send_replace(config("broker-3", 310));
    drop(tx); // that was the last change
    wait(200).await;
    events.try_send(event("order 3", 130)).expect("there are free slots");
    events.try_send(event("order 4", 490)).expect("there are free slots");
    drop(events);
    ended(relay).await;
    assert_journal!(
        journal,
        [
            (170, "relay", "order 1: published at broker-1"),
            (740, "relay", "order 2: published at broker-2"),
            (1240, "relay", "order 3: published at broker-3"),
            (1590, "relay", "order 4: timed out at broker-3"),
        ]
    );
}
