//! The tests of exercise 15.3. Your file and the solution are tested by this one copy.

use std::sync::Arc;
use std::time::Duration;

use shared::HOUR;
use tokio::time::{Instant, sleep, timeout};

use super::sut::{Shop, Told, buy};

/// Buys a lamp, waits until all is booked, and compares: what the customer is told, the lamps that are reserved, the
/// payments that are charged, and when the customer was told.
async fn bought(is_in_stock: bool, is_card_good: bool, expected: (Told, i32, i32), within_ms: u128) {
    let shop = Shop { is_in_stock, is_card_good, books: Arc::default() };
    let started = Instant::now();
    let told = timeout(HOUR, buy(&shop)).await.expect("no task can go on");
    let at_ms = started.elapsed().as_millis();
    sleep(Duration::from_secs(1)).await; // the bank and the warehouse do what they were asked for
    let (lamps, payments) = *shop.books.lock().unwrap();
    assert!(
        (told, lamps, payments) == expected,
        "the customer was told {told:?}; a second later, lamps reserved: {lamps}, payments charged: {payments}. \
         Expected: {:?}, lamps: {}, payments: {}",
        expected.0,
        expected.1,
        expected.2,
    );
    assert!(
        at_ms <= within_ms,
        "the customer was told after {at_ms} ms, and it can be done in {within_ms} ms: reserve and charge at once"
    );
}

#[tokio::test(start_paused = true)]
async fn a_lamp_that_is_there_is_bought() {
    bought(true, true, (Told::Bought, 1, 1), 200).await;
}

#[tokio::test(start_paused = true)]
async fn who_gets_no_lamp_has_paid_nothing() {
    bought(false, true, (Told::SoldOut, 0, 0), 250).await;
}

#[tokio::test(start_paused = true)]
async fn who_does_not_pay_keeps_no_lamp() {
    bought(true, false, (Told::CardRefused, 0, 0), 150).await;
}

#[tokio::test(start_paused = true)]
async fn when_both_fail_there_is_nothing_to_undo() {
    bought(false, false, (Told::SoldOut, 0, 0), 100).await;
}
