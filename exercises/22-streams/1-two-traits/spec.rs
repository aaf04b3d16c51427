//! The tests of exercise 22.1. Your file and the solution are tested by this one copy.

use std::time::Duration;

use shared::{HOUR, Journal, assert_journal};
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};

use super::sut::{Broker, Order, Receipt, relay};

const STUCK: &str = "relay does not return, and no task can make progress";

/// Sends orders as id and cents, each after a pause, and closes the channel 120 ms after the last.
async fn shop(orders: mpsc::Sender<Order>, sends: &[(u64, u32, u32)]) {
    for &(pause_ms, id, cents) in sends {
        sleep(Duration::from_millis(pause_ms)).await;
        orders.send(Order { id, cents }).await.expect("the relay receives until the channel ends");
    }
    sleep(Duration::from_millis(120)).await;
}

/// What a relay returns when a shop sends these orders.
async fn relayed(sends: &[(u64, u32, u32)], broker: &Broker) -> Vec<Receipt> {
    let (tx, rx) = mpsc::channel(20);
    let both = async { tokio::join!(relay(rx, broker), shop(tx, sends)) };
    timeout(HOUR, both).await.expect(STUCK).0
}

#[tokio::test(start_paused = true)]
async fn a_batch_is_written_when_it_is_full_or_250_ms_old_and_two_at_the_same_time() {
    let journal = Journal::new();
    let broker = Broker::new([(31, 370), (8, 530), (77, 90), (11, 205)], journal.clone());
    let sends = [
        (0, 31, 990),
        (0, 7, 0), // free
        (0, 19, 2050),
        (0, 42, 700),
        (0, 8, 1500), // the second batch begins
        (130, 23, 410),
        (170, 5, 0),   // begins no batch: it is free
        (110, 77, 60), // 410 ms: the third batch begins, and there is a free slot
        (290, 11, 880),
        (0, 65, 330),
        (0, 12, 8100), // 700 ms: the fourth is full, and waits for a slot
    ];
    let receipts = relayed(&sends, &broker).await;
    assert_journal!(
        journal,
        [
            (0, "broker", "receives [31, 19, 42]"),
            (250, "broker", "receives [8, 23]"),
            (370, "broker", "confirms [31, 19, 42]"),
            (660, "broker", "receives [77]"),
            (750, "broker", "confirms [77]"),
            (750, "broker", "receives [11, 65, 12]"),
            (780, "broker", "confirms [8, 23]"),
            (955, "broker", "confirms [11, 65, 12]"),
        ]
    );
    let receipt = |orders: &[u32], offset| Receipt { orders: orders.into(), offset };
    let expected = [
        receipt(&[31, 19, 42], 5000),
        receipt(&[77], 5001),
        receipt(&[8, 23], 5002),
        receipt(&[11, 65, 12], 5003),
    ];
    assert!(
        receipts == expected,
        "the receipts must be the broker's, in the order in which it confirmed the batches\n\
         expected: {expected:?}\n\
         actual:   {receipts:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn orders_that_are_free_are_not_written() {
    let journal = Journal::new();
    let broker = Broker::new([], journal.clone());
    let receipts = relayed(&[(0, 3, 0), (40, 1, 0), (300, 2, 0)], &broker).await;
    assert!(receipts.is_empty(), "three free orders were sent, and nothing is to be written: {receipts:?}");
    assert_journal!(journal, []);
}

#[tokio::test(start_paused = true)]
async fn the_last_batch_is_written_when_the_channel_ends() {
    let journal = Journal::new();
    let broker = Broker::new([(6, 35)], journal.clone());
    relayed(&[(0, 6, 120), (15, 2, 77)], &broker).await;
    assert_journal!(journal, [(135, "broker", "receives [6, 2]"), (170, "broker", "confirms [6, 2]")]);
}
