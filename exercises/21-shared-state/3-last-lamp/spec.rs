//! The tests of exercise 21.3. Your file and the solution are tested by this one copy.

use std::time::Duration;

use shared::{HOUR, Journal, assert_journal};
use tokio::time::{sleep, timeout};

use super::sut::{Outcome, Payments, Stock};

const STUCK: &str = "an order is never answered, and no task can make progress";

/// An order that comes after a while, and logs its answer, and how many lamps are free then.
async fn order(number: u32, after_ms: u64, stock: &Stock, payments: &Payments, journal: &Journal) {
    sleep(Duration::from_millis(after_ms)).await;
    let outcome = timeout(HOUR, stock.sell(number, payments)).await.expect(STUCK);
    let answer = match outcome {
        Outcome::Sold => "gets a lamp",
        Outcome::SoldOut => "is told that none is free",
        Outcome::Declined => "is told that the payment was declined",
    };
    journal.log(format_args!("customer {number}"), format_args!("{answer}; free: {}", stock.free()));
}

#[tokio::test(start_paused = true)]
async fn nobody_pays_for_a_lamp_that_does_not_exist() {
    let journal = Journal::new();
    let (stock, paying) = (Stock::new(2), [(31, 250, true), (12, 130, true), (27, 90, true), (45, 70, true)]);
    let payments = Payments::new(paying, journal.clone());
    tokio::join!(
        order(31, 0, &stock, &payments, &journal),
        order(12, 10, &stock, &payments, &journal),
        order(27, 20, &stock, &payments, &journal), // both are reserved
        order(45, 170, &stock, &payments, &journal), // one is sold, the other still reserved
    );
    assert_journal!(
        journal,
        [
            (0, "order 31", "begins to pay"),
            (10, "order 12", "begins to pay"),
            (20, "customer 27", "is told that none is free; free: 0"),
            (140, "order 12", "is charged"),
            (140, "customer 12", "gets a lamp; free: 0"),
            (170, "customer 45", "is told that none is free; free: 0"),
            (250, "order 31", "is charged"),
            (250, "customer 31", "gets a lamp; free: 0"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_lamp_is_free_again_as_soon_as_its_payment_is_declined() {
    let journal = Journal::new();
    let (stock, paying) = (Stock::new(1), [(8, 160, false), (5, 90, true), (3, 110, true)]);
    let payments = Payments::new(paying, journal.clone());
    tokio::join!(
        order(8, 0, &stock, &payments, &journal),
        order(5, 150, &stock, &payments, &journal), // still reserved
        order(3, 170, &stock, &payments, &journal),
    );
    assert_journal!(
        journal,
        [
            (0, "order 8", "begins to pay"),
            (150, "customer 5", "is told that none is free; free: 0"),
            (160, "order 8", "is declined"),
            (160, "customer 8", "is told that the payment was declined; free: 1"),
            (170, "order 3", "begins to pay"),
            (280, "order 3", "is charged"),
            (280, "customer 3", "gets a lamp; free: 0"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_lamp_is_free_again_as_soon_as_its_customer_gives_up() {
    let journal = Journal::new();
    let (stock, paying) = (Stock::new(3), [(14, 400, true), (6, 90, true)]);
    let payments = Payments::new(paying, journal.clone());
    let gives_up = async {
        timeout(Duration::from_millis(70), stock.sell(14, &payments))
            .await
            .expect_err("its payment takes 400 ms");
        journal.log("customer 14", format_args!("gives up; free: {}", stock.free()));
    };
    tokio::join!(gives_up, order(6, 20, &stock, &payments, &journal));
    sleep(HOUR).await;
    journal.log("shop", format_args!("closes; free: {}", stock.free()));
    let closes_ms = u64::try_from(HOUR.as_millis()).unwrap() + 110;
    assert_journal!(
        journal,
        [
            (0, "order 14", "begins to pay"),
            (20, "order 6", "begins to pay"),
            (70, "customer 14", "gives up; free: 2"),
            (110, "order 6", "is charged"),
            (110, "customer 6", "gets a lamp; free: 2"),
            (closes_ms, "shop", "closes; free: 2"),
        ]
    );
}
