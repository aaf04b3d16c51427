//! The tests of exercise 10.2. Your file and the solution are tested by this one copy.

use std::sync::Arc;
use std::time::Duration;

use shared::{HOUR, Journal, assert_journal};
use tokio::time::{Instant, sleep, timeout};

use super::sut::{Broker, Event, Receipt, publish_all};

/// An outbox and its broker. For each event: its id, after how many milliseconds it is confirmed, and its receipt.
fn outbox(journal: &Journal, events: &[(u64, u64, u64)]) -> (Vec<Event>, Broker) {
    let answers = events
        .iter()
        .map(|&(id, after_ms, receipt)| (id, (Duration::from_millis(after_ms), Receipt(receipt))));
    let broker = Broker { journal: journal.clone(), answers: Arc::new(answers.collect()) };
    (events.iter().map(|&(id, ..)| Event { id }).collect(), broker)
}

#[tokio::test(start_paused = true)]
async fn three_events_take_as_long_as_the_slowest() {
    let journal = Journal::new();
    let (outbox, broker) = outbox(&journal, &[(31, 137, 907), (7, 371, 144), (19, 59, 520)]);
    let receipts = match timeout(HOUR, publish_all(outbox, broker)).await {
        Ok(receipts) => {
            journal.log("relay", "has its receipts");
            receipts
        }
        Err(_) => {
            journal.log("test", "gave up: no task could make progress");
            Vec::new()
        }
    };
    sleep(Duration::from_secs(1)).await; // what is still running shows in the journal
    assert_journal!(
        journal,
        [
            (0, "event 31", "was sent"),
            (0, "event 7", "was sent"),
            (0, "event 19", "was sent"),
            (59, "event 19", "was confirmed"),
            (137, "event 31", "was confirmed"),
            (371, "event 7", "was confirmed"),
            (371, "relay", "has its receipts"),
        ]
    );
    assert_eq!(
        receipts,
        [Receipt(907), Receipt(144), Receipt(520)],
        "the receipts must be those that the broker gave for events 31, 7 and 19, in this order: the order of the outbox"
    );
}

#[tokio::test(start_paused = true)]
async fn so_do_a_thousand() {
    let events: Vec<_> = (0..1000).map(|n| (n * 7 % 1000, 100 + n * 31 % 107, n * 13 % 1009)).collect();
    let (outbox, broker) = outbox(&Journal::new(), &events);
    let started = Instant::now();
    let receipts = timeout(HOUR, publish_all(outbox, broker)).await.expect("no task could make progress");
    let took_ms = started.elapsed().as_millis();
    assert!(took_ms == 206, "1,000 events took {took_ms} ms, and the slowest of them takes 206 ms");
    assert!(
        receipts.into_iter().eq(events.into_iter().map(|(.., receipt)| Receipt(receipt))),
        "the 1,000 receipts must be those that the broker gave, in the order of the outbox"
    );
}
