//! The tests of exercise 22.2. Your file and the solution are tested by this one copy.

use std::time::Duration;

use shared::{HOUR, Journal, assert_journal};
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};

use super::sut::{Broker, Order, Receipt, Report, relay};

/// Order ids, and how many milliseconds the broker takes for each.
const TAKES_MS: [(u32, u64); 6] = [(31, 370), (7, 140), (19, 90), (42, 260), (8, 55), (23, 110)];

/// Lets a relay take orders from the channel, logs when it returns, and watches for what still happens in the second after.
async fn relayed(orders: &mut mpsc::Receiver<Order>, fails: &[u32], journal: &Journal) -> Report {
    let broker = Broker::new(TAKES_MS, fails, journal.clone());
    let report = match timeout(HOUR, relay(orders, &broker)).await {
        Ok(report) => {
            journal.log("relay", "returns");
            report
        }
        Err(_) => {
            journal.log("test", "gave up: the relay does not return, and no task can make progress");
            Report::default()
        }
    };
    sleep(Duration::from_secs(1)).await;
    report
}

/// The ids of the orders that are still in the channel.
fn left(orders: &mut mpsc::Receiver<Order>) -> Vec<u32> {
    std::iter::from_fn(|| orders.try_recv().ok()).map(|order| order.id).collect()
}

#[track_caller]
fn assert_report(report: &Report, written: &[(u32, u64)], failed: &[u32]) {
    let written = written.iter().map(|&(order, offset)| Receipt { order, offset }).collect();
    let expected = Report { written, failed: failed.into() };
    assert!(
        *report == expected,
        "every order that was begun must be in the report, in the order of the answers\n\
         expected: {expected:?}\n\
         actual:   {report:?}"
    );
}

#[track_caller]
fn assert_left(orders: &mut mpsc::Receiver<Order>, expected: &[u32]) {
    let left = left(orders);
    assert!(
        left == expected,
        "orders that were not begun must stay in the channel\n\
         expected: {expected:?}\n\
         actual:   {left:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn after_a_failure_the_writes_in_flight_end_and_no_other_begins() {
    let journal = Journal::new();
    let (tx, mut rx) = mpsc::channel(9); // `tx` lives on: the channel does not end
    for (id, _) in TAKES_MS {
        tx.send(Order { id }).await.unwrap();
    }
    let report = relayed(&mut rx, &[7], &journal).await;
    assert_journal!(
        journal,
        [
            (0, "order 31", "is sent"),
            (0, "order 7", "is sent"),
            (0, "order 19", "is sent"),
            (90, "order 19", "is stored"),
            (90, "order 42", "is sent"),
            (140, "order 7", "fails"),
            (350, "order 42", "is stored"),
            (370, "order 31", "is stored"),
            (370, "relay", "returns"),
        ]
    );
    assert_report(&report, &[(19, 5000), (42, 5001), (31, 5002)], &[7]);
    assert_left(&mut rx, &[8, 23]);
}

#[tokio::test(start_paused = true)]
async fn a_write_that_fails_later_is_reported_too() {
    let (tx, mut rx) = mpsc::channel(9);
    for (id, _) in TAKES_MS {
        tx.send(Order { id }).await.unwrap();
    }
    let report = relayed(&mut rx, &[42, 7], &Journal::new()).await;
    assert_report(&report, &[(19, 5000), (31, 5001)], &[7, 42]);
    assert_left(&mut rx, &[8, 23]);
}

#[tokio::test(start_paused = true)]
async fn an_order_that_comes_while_the_last_writes_end_stays_in_the_channel() {
    let journal = Journal::new();
    let (tx, mut rx) = mpsc::channel(9);
    tx.send(Order { id: 31 }).await.unwrap();
    tx.send(Order { id: 7 }).await.unwrap();
    let shop = tokio::spawn(async move {
        sleep(Duration::from_millis(210)).await;
        let sent = tx.send(Order { id: 8 }).await;
        sleep(HOUR).await;
        sent
    });
    let report = relayed(&mut rx, &[7], &journal).await;
    assert_journal!(
        journal,
        [
            (0, "order 31", "is sent"),
            (0, "order 7", "is sent"),
            (140, "order 7", "fails"),
            (370, "order 31", "is stored"),
            (370, "relay", "returns"),
        ]
    );
    assert_report(&report, &[(31, 5000)], &[7]);
    assert_left(&mut rx, &[8]);
    assert_eq!(shop.await.unwrap(), Ok(()), "the channel must stay open: the shop could not send order 8");
}

#[tokio::test(start_paused = true)]
async fn without_a_failure_it_writes_until_the_channel_ends() {
    let journal = Journal::new();
    let (tx, mut rx) = mpsc::channel(9);
    for (id, _) in TAKES_MS {
        tx.send(Order { id }).await.unwrap();
    }
    drop(tx);
    let report = relayed(&mut rx, &[], &journal).await;
    assert_journal!(
        journal,
        [
            (0, "order 31", "is sent"),
            (0, "order 7", "is sent"),
            (0, "order 19", "is sent"),
            (90, "order 19", "is stored"),
            (90, "order 42", "is sent"),
            (140, "order 7", "is stored"),
            (140, "order 8", "is sent"),
            (195, "order 8", "is stored"),
            (195, "order 23", "is sent"),
            (305, "order 23", "is stored"),
            (350, "order 42", "is stored"),
            (370, "order 31", "is stored"),
            (370, "relay", "returns"),
        ]
    );
    assert_report(&report, &[(19, 5000), (7, 5001), (8, 5002), (23, 5003), (42, 5004), (31, 5005)], &[]);
}
