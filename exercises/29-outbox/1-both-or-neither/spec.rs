//! The tests of exercise 29.1. Your file and the solution are tested by this one copy.

use std::cell::Cell;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use rusqlite::Connection;
use shared::HOUR;
use tokio::time::timeout;

use super::sut::{Broker, Order, Shop, TABLES};

/// Like `assert_eq!`, and says which of the two was expected.
macro_rules! expect {
    ($actual:expr, $expected:expr, $($what:tt)+) => {
        match (&$actual, &$expected) {
            (actual, expected) => assert!(
                actual == expected,
                "{}: expected {expected:?}, got {actual:?}",
                format_args!($($what)+)
            ),
        }
    };
}

fn opened(file: &Path) -> Shop {
    let db = Connection::open(file).unwrap();
    db.execute_batch("PRAGMA synchronous = OFF").unwrap(); // the tests end no operating system
    db.execute_batch(TABLES).unwrap();
    Shop { db, broker: Broker { stored: Vec::new().into(), up: Cell::new(true) } }
}

/// Waits for `place`, which may take long but not for ever.
async fn placed(shop: &mut Shop, order: &Order) -> Result<(), String> {
    let placing = timeout(HOUR, shop.place(order)).await;
    placing.expect("place did not return within an hour").map_err(|error| error.to_string())
}

/// The ids of what is committed: what another connection sees.
fn committed(file: &Path, query: &str) -> Vec<String> {
    let db = Connection::open(file).unwrap();
    let mut select = db.prepare(query).unwrap();
    let rows = select.query_map([], |row| row.get(0)).unwrap();
    rows.collect::<rusqlite::Result<_>>().unwrap()
}

fn orders(file: &Path) -> Vec<String> {
    committed(file, "SELECT 'order-' || id || '-placed' FROM orders ORDER BY 1")
}

fn events(file: &Path) -> Vec<String> {
    committed(file, "SELECT id FROM outbox ORDER BY 1")
}

/// Each committed order has an event, and each event an order.
#[track_caller]
fn both_or_neither(file: &Path, when: &str) {
    let (orders, events) = (orders(file), events(file));
    assert!(
        orders == events,
        "{when}: the orders of {orders:?} are committed, and the outbox has {events:?}: both or neither must be there"
    );
}

const ORDER: Order = Order { id: 41, cents: 1_250 };

#[tokio::test(start_paused = true)]
async fn an_order_and_its_event_are_committed_and_the_relay_publishes_once() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("shop.db");
    let mut shop = opened(&file);
    for order in [ORDER, Order { id: 7, cents: 99 }] {
        let place = placed(&mut shop, &order).await;
        assert!(place.is_ok(), "place returned {place:?} for a new order");
        both_or_neither(&file, "after place has returned Ok");
        let committed = orders(&file);
        assert!(
            committed.contains(&order.placed().id),
            "place returned Ok for order {}, but it is not committed",
            order.id
        );
    }
    let before = shop.broker.stored.borrow().clone();
    assert!(before.is_empty(), "place published {before:?}: publishing is the relay's work");
    shop.relay().await.unwrap();
    shop.relay().await.unwrap();
    let stored = shop.broker.stored.borrow().clone();
    expect!(stored, [ORDER.placed(), Order { id: 7, cents: 99 }.placed()], "what the broker has");
}

#[tokio::test(start_paused = true)]
async fn at_whatever_commit_the_process_ends_there_are_both_or_neither() {
    for last in 0..4 {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("shop.db");
        let mut shop = opened(&file);
        // The first commits succeed; those after them become rollbacks, as if the process had ended there.
        let commits = Arc::new(AtomicU32::new(0));
        let count = Arc::clone(&commits);
        shop.db.commit_hook(Some(move || count.fetch_add(1, Ordering::Relaxed) >= last)).unwrap();
        let place = placed(&mut shop, &ORDER).await;
        drop(shop);
        both_or_neither(&file, &format!("the process ended before commit {}", last + 1));
        let there = orders(&file).len() == 1;
        assert!(
            there == place.is_ok(),
            "commit {} failed, place returned {place:?}, and the order {} there",
            last + 1,
            if there { "is" } else { "is not" }
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_gives_up_leaves_both_or_neither() {
    for after_ms in [0, 1, 20, 39, 41, 79] {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("shop.db");
        let mut shop = opened(&file);
        timeout(Duration::from_millis(after_ms), shop.place(&ORDER)).await.ok();
        drop(shop);
        both_or_neither(&file, &format!("the future of place was dropped after {after_ms} ms"));
    }
}

#[tokio::test(start_paused = true)]
async fn an_order_that_is_refused_has_no_event_and_the_next_one_is_placed() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("shop.db");
    let mut shop = opened(&file);
    placed(&mut shop, &ORDER).await.expect("the order is new");
    for (refused, why) in [(ORDER, "there is an order 41"), (Order { id: 8, cents: 0 }, "it costs nothing")] {
        let place = placed(&mut shop, &refused).await;
        assert!(place.is_err(), "place returned Ok for order {}, although {why}", refused.id);
        both_or_neither(&file, &format!("order {} was refused", refused.id));
    }
    let next = placed(&mut shop, &Order { id: 9, cents: 300 }).await;
    assert!(next.is_ok(), "after a refused order, place returned {next:?} for a new one");
    both_or_neither(&file, "after a refused order and a new one");
}

#[tokio::test(start_paused = true)]
async fn when_the_event_cannot_be_written_there_is_no_order() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("shop.db");
    let mut shop = opened(&file);
    let full =
        "CREATE TRIGGER full BEFORE INSERT ON outbox BEGIN SELECT RAISE(ABORT, 'the outbox is full'); END";
    shop.db.execute_batch(full).unwrap();
    let place = placed(&mut shop, &ORDER).await;
    assert!(place.is_err(), "the event could not be written, and place returned Ok");
    both_or_neither(&file, "the event could not be written");
    shop.db.execute_batch("DROP TRIGGER full").unwrap();
    let again = placed(&mut shop, &ORDER).await;
    assert!(again.is_ok(), "the outbox has room again, and place returned {again:?}");
    both_or_neither(&file, "the outbox has room again");
}

#[tokio::test(start_paused = true)]
async fn orders_are_placed_while_the_broker_is_down() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("shop.db");
    let mut shop = opened(&file);
    shop.broker.up.set(false);
    let place = placed(&mut shop, &ORDER).await;
    assert!(place.is_ok(), "the broker is down, and place returned {place:?}: it must not need the broker");
    both_or_neither(&file, "the broker is down");
    let relayed = shop.relay().await.map_err(|error| error.to_string());
    assert!(relayed.is_err(), "the relay published something, but the broker is down");
    shop.broker.up.set(true);
    shop.relay().await.unwrap();
    expect!(*shop.broker.stored.borrow(), [ORDER.placed()], "what the broker has once it is up");
}
