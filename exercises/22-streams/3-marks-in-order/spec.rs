//! The tests of exercise 22.3. Your file and the solution are tested by this one copy.

use std::time::Duration;

use shared::{HOUR, Journal, assert_journal};
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};

use super::sut::{Broker, Order, Outbox, relay};

/// Lets a relay write and mark these orders, logs when it returns, and watches for what still happens in the second after.
async fn relayed(
    orders: impl IntoIterator<Item = u32>,
    takes_ms: fn(u32) -> (u64, u64),
    mark_ms: u64,
    journal: &Journal,
) {
    let (tx, rx) = mpsc::channel(200);
    for id in orders {
        tx.send(Order { id }).await.unwrap();
    }
    drop(tx);
    let broker = Broker::new(takes_ms, journal.clone());
    let outbox = Outbox::new(Duration::from_millis(mark_ms), journal.clone());
    match timeout(HOUR, relay(rx, broker, outbox)).await {
        Ok(()) => journal.log("relay", "returns"),
        Err(_) => journal.log("test", "gave up: the relay does not return, and no task can make progress"),
    }
    sleep(Duration::from_secs(1)).await;
}

#[tokio::test(start_paused = true)]
async fn writes_go_on_while_a_mark_is_made() {
    let journal = Journal::new();
    let takes_ms = |order| match order {
        31 => (40, 55),
        7 => (130, 70),
        19 => (20, 35),
        42 => (60, 47),
        _ => (150, 65),
    };
    relayed([31, 7, 19, 42, 8], takes_ms, 110, &journal).await;
    assert_journal!(
        journal,
        [
            (0, "order 31", "is sent"),
            (0, "order 7", "is sent"),
            (0, "order 19", "is sent"),
            (55, "order 19", "is confirmed"),
            (95, "order 31", "is confirmed"),
            (95, "order 42", "is sent"),
            (200, "order 7", "is confirmed"),
            (200, "order 8", "is sent"),
            (202, "order 42", "is confirmed"),
            (205, "outbox", "order 31 is at 5001"),
            (315, "outbox", "order 7 is at 5002"),
            (415, "order 8", "is confirmed"),
            (425, "outbox", "order 19 is at 5000"),
            (535, "outbox", "order 42 is at 5003"),
            (645, "outbox", "order 8 is at 5004"),
            (645, "relay", "returns"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn slow_marks_slow_the_writes_down_in_the_end() {
    let journal = Journal::new();
    relayed((0..120).map(|n| n * 7 % 120), |order| (3, u64::from(order) % 9), 97, &journal).await;
    let (mut written, mut marked, mut most) = (0_u32, 0, 0);
    let mut marks = Vec::new();
    for entry in journal.entries() {
        match entry.what.as_str() {
            "is confirmed" => written += 1,
            what if entry.task == "outbox" => {
                marked += 1;
                marks.extend(what.split(' ').nth(1).and_then(|id| id.parse::<u32>().ok()));
            }
            _ => {}
        }
        most = most.max(written.saturating_sub(marked));
    }
    assert_eq!((written, marked), (120, 120), "all 120 orders must be written and marked");
    assert!(
        marks.into_iter().eq((0..120).map(|n| n * 7 % 120)),
        "the marks must be made in the order of the orders"
    );
    assert!(
        most <= 16,
        "{most} orders were written and waited for their mark; 16 are the most that may wait"
    );
}
