//! The tests of exercise 14.1. Your file and the solution are tested by this one copy.

use std::time::Duration;

use shared::{HOUR, Journal, assert_journal};
use tokio::time::{Instant, timeout};

use super::sut::{Event, Receipt, publish_all};

fn event(id: u32, takes_ms: u64) -> Event {
    Event { id, takes: Duration::from_millis(takes_ms) }
}

#[tokio::test(start_paused = true)]
async fn three_events_take_as_long_as_the_slowest() {
    let journal = Journal::new();
    let events = vec![event(1, 300), event(2, 200), event(3, 100)];
    let receipts = timeout(HOUR, publish_all(events, journal.clone())).await.unwrap_or_else(|_| {
        journal.log("test", "gave up: publish_all did not return, and no task could go on");
        Vec::new()
    });
    assert_journal!(
        journal,
        [
            (0, "task 1", "starts"),
            (0, "task 2", "starts"),
            (0, "task 3", "starts"),
            (100, "task 3", "has its receipt"),
            (200, "task 2", "has its receipt"),
            (300, "task 1", "has its receipt"),
        ]
    );
    assert_eq!(receipts, [Receipt(1), Receipt(2), Receipt(3)], "the receipts, in the order of the events");
}

#[tokio::test(start_paused = true)]
async fn ten_thousand_events_take_no_longer() {
    let started = Instant::now();
    let events = (1..=10_000).map(|id| event(id, 100)).collect();
    let receipts = timeout(HOUR * 24, publish_all(events, Journal::new())).await.expect("no task can go on");
    let (count, took_ms) = (receipts.len(), started.elapsed().as_millis());
    assert!(
        count == 10_000 && took_ms == 100,
        "10,000 events of 100 ms each, all at once:\n\
         expected: 10000 receipts after 100 ms\n\
         actual:   {count} receipts after {took_ms} ms"
    );
}
