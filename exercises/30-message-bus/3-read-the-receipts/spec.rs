//! The tests of exercise 30.3. Your file and the solution are tested by this one copy.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use shared::HOUR;
use tokio::time::{Instant, timeout};

use super::sut::{Bus, Closed, Outcome, Receipt, relay};

/// What the bus does with one order.
#[derive(Clone, Copy)]
enum Fate {
    Answers { ms: u64, delivered: usize, dropped: usize },
    Ends { ms: u64 },
    Refuses,
}

/// Relays the orders; compares what it published first, the outcomes, and when `relay` returned.
async fn check(fates: &[(u32, Fate)], outcomes: &[Outcome], returned_ms: u128, published: &[u32]) {
    let orders: Vec<u32> = fates.iter().map(|(order, _)| *order).collect();
    let (fates, seen) = (fates.to_vec(), Arc::new(Mutex::new(Vec::new())));
    let bus = Bus::new({
        let seen = Arc::clone(&seen);
        move |order| {
            seen.lock().unwrap().push(order);
            let (_, fate) = fates.iter().find(|(other, _)| *other == order).expect("an order of the outbox");
            match *fate {
                Fate::Answers { ms, delivered, dropped } => {
                    Some((Duration::from_millis(ms), Ok(Receipt { delivered, dropped })))
                }
                Fate::Ends { ms } => Some((Duration::from_millis(ms), Err(Closed))),
                Fate::Refuses => None,
            }
        }
    });
    let start = Instant::now();
    let actual = timeout(HOUR, relay(&bus, &orders)).await.expect("relay does not return");
    let actual_ms = start.elapsed().as_millis();
    let seen = seen.lock().unwrap().clone();
    assert!(
        seen.starts_with(published),
        "published were {seen:?}; expected {published:?}, in the order of the rows"
    );
    assert_eq!(actual, outcomes, "the outcomes of orders {orders:?}");
    assert!(
        actual_ms == returned_ms,
        "relay returned after {actual_ms} ms; with all receipts under way at once it is {returned_ms} ms"
    );
}

const fn answers(ms: u64, delivered: usize, dropped: usize) -> Fate {
    Fate::Answers { ms, delivered, dropped }
}

#[tokio::test(start_paused = true)]
async fn a_row_is_sent_when_every_subscriber_has_its_message() {
    let fates = [
        (12, answers(43, 2, 0)),
        (7, answers(17, 1, 1)), // one has it, another one's mailbox was full
        (9, answers(88, 0, 0)), // nobody wanted it
        (3, answers(31, 3, 0)),
        (8, answers(5, 0, 2)),
    ];
    use Outcome::*;
    check(&fates, &[Sent, Unsent, Unsent, Sent, Unsent], 88, &[12, 7, 9, 3, 8]).await;
}

#[tokio::test(start_paused = true)]
async fn without_a_receipt_nobody_knows() {
    let fates = [(4, answers(29, 1, 0)), (11, Fate::Ends { ms: 61 }), (2, Fate::Ends { ms: 13 })];
    check(&fates, &[Outcome::Sent, Outcome::Unknown, Outcome::Unknown], 61, &[4, 11, 2]).await;
}

#[tokio::test(start_paused = true)]
async fn what_is_refused_is_unsent_and_what_was_queued_before_still_counts() {
    let fates = [(6, answers(71, 2, 0)), (1, Fate::Ends { ms: 9 }), (10, Fate::Refuses), (5, Fate::Refuses)];
    use Outcome::*;
    check(&fates, &[Sent, Unknown, Unsent, Unsent], 71, &[6, 1, 10]).await;
}

#[tokio::test(start_paused = true)]
async fn every_row_has_an_outcome() {
    check(&[], &[], 0, &[]).await;
    check(&[(14, Fate::Refuses)], &[Outcome::Unsent], 0, &[14]).await;
}
