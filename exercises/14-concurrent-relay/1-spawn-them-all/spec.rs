//! The tests of exercise 14.1. Your file and the solution are tested by this one copy.

use shared::{HOUR, Journal, assert_journal};
use tokio::time::{Instant, timeout};

use super::sut::{Broker, Event, Receipt, publish_all};

const STUCK: &str = "publish_all does not return, and no task can make progress";

#[tokio::test(start_paused = true)]
async fn three_events_take_as_long_as_the_slowest() {
    let journal = Journal::new();
    let broker = Broker::new([(42, 370), (7, 130), (19, 250)], journal.clone());
    let events = [42, 7, 19].map(|id| Event { id }).into();
    let receipts = timeout(HOUR, publish_all(events, broker)).await.expect(STUCK);
    journal.log("relay", "returns the receipts");
    assert_journal!(
        journal,
        [
            (0, "event 42", "is sent"),
            (0, "event 7", "is sent"),
            (0, "event 19", "is sent"),
            (130, "event 7", "is confirmed"),
            (250, "event 19", "is confirmed"),
            (370, "event 42", "is confirmed"),
            (370, "relay", "returns the receipts"),
        ]
    );
    // The broker stored 7 first, then 19, then 42.
    let expected = [(42, 5002), (7, 5000), (19, 5001)].map(|(id, offset)| Receipt { id, offset });
    assert!(
        receipts == expected,
        "the receipts must be the broker's, in the order of the events: 42, 7, 19\n\
         expected: {expected:?}\n\
         actual:   {receipts:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn ten_thousand_events_take_no_longer() {
    let started = Instant::now();
    let ids = (1..=10_000).rev();
    let broker = Broker::new(ids.clone().map(|id| (id, 130)), Journal::new());
    let events = ids.clone().map(|id| Event { id }).collect();
    let receipts = timeout(HOUR, publish_all(events, broker)).await.expect(STUCK);
    let (count, took_ms) = (receipts.len(), started.elapsed().as_millis());
    assert!(
        count == 10_000 && took_ms == 130,
        "10,000 events of 130 ms each, all at once:\n\
         expected: 10000 receipts after 130 ms\n\
         actual:   {count} receipts after {took_ms} ms"
    );
    assert!(
        receipts.iter().map(|receipt| receipt.id).eq(ids),
        "the ids of these events go from 10,000 down to 1, and so must those of the receipts"
    );
}
