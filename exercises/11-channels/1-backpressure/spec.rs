//! The tests of exercise 11.1. Your file and the solution are tested by this one copy.

use shared::{HOUR, Journal, assert_journal};
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::sut::{consumer, producer};

#[tokio::test(start_paused = true)]
async fn all_five_events_arrive_and_the_producer_waits_for_places() {
    let journal = Journal::new();
    let (tx, rx) = mpsc::channel(3);
    let tasks = [tokio::spawn(producer(tx, journal.clone())), tokio::spawn(consumer(rx, journal.clone()))];
    for task in tasks {
        match timeout(HOUR, task).await {
            Ok(ended) => ended.expect("no task panics"),
            Err(_) => journal.log("test", "gave up: no task could go on"),
        }
    }
    assert_journal!(
        journal,
        [
            (0, "producer", "sent event 1"),
            (0, "producer", "sent event 2"),
            (0, "producer", "sent event 3"),
            (100, "consumer", "took event 1"),
            (100, "producer", "sent event 4"),
            (200, "consumer", "took event 2"),
            (200, "producer", "sent event 5"),
            (300, "consumer", "took event 3"),
            (400, "consumer", "took event 4"),
            (500, "consumer", "took event 5"),
        ]
    );
}
