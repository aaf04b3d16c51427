//! The tests of exercise 10.2. Your file and the solution are tested by this one copy.

use std::time::Duration;

use shared::{HOUR, Journal, assert_journal};
use tokio::time::{Instant, timeout};

use super::sut::{Event, Receipt, publish_all};

fn event(id: u64, confirmed_after_ms: u64) -> Event {
    Event { id, confirmed_after: Duration::from_millis(confirmed_after_ms) }
}

#[tokio::test(start_paused = true)]
async fn three_events_take_as_long_as_the_slowest() {
    let journal = Journal::new();
    let outbox = vec![event(1, 300), event(2, 200), event(3, 100)];
    let receipts = match timeout(HOUR, publish_all(outbox, journal.clone())).await {
        Ok(receipts) => {
            journal.log("relay", "has all receipts");
            receipts
        }
        Err(_) => {
            journal.log("test", "gave up: no task could go on");
            Vec::new()
        }
    };
    assert_journal!(
        journal,
        [
            (0, "task 1", "sent its event"),
            (0, "task 2", "sent its event"),
            (0, "task 3", "sent its event"),
            (100, "task 3", "has its receipt"),
            (200, "task 2", "has its receipt"),
            (300, "task 1", "has its receipt"),
            (300, "relay", "has all receipts"),
        ]
    );
    assert_eq!(receipts, [Receipt(1), Receipt(2), Receipt(3)], "the receipts, in the order of the outbox");
}

#[tokio::test(start_paused = true)]
async fn so_do_a_thousand() {
    let outbox: Vec<Event> = (1..=1000).map(|id| event(id, 100 + id % 7)).collect();
    let started = Instant::now();
    let publishing = timeout(HOUR, publish_all(outbox, Journal::new()));
    let receipts = publishing.await.expect("no task can go on");
    let took_ms = started.elapsed().as_millis();
    assert!(took_ms == 106, "1,000 events took {took_ms} ms, and the slowest of them takes 106 ms");
    assert!(receipts.into_iter().eq((1..=1000).map(Receipt)), "1,000 receipts, in the order of the outbox");
}
