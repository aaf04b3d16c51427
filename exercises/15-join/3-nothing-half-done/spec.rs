//! The tests of exercise 15.3. Your file and the solution are tested by this one copy.

use shared::{HOUR, Journal, assert_journal};
use tokio::time::{sleep, timeout};

use super::sut::{Shop, Told, buy};

const SOLD_OUT: Result<(), Told> = Err(Told::SoldOut);
const CARD_REFUSED: Result<(), Told> = Err(Told::CardRefused);

/// Buys a lamp from a shop that answers like this. Compares what the customer is told, and the books: at that moment, and
/// when the warehouse and the bank have done all that they were asked for. Returns the journal.
async fn bought(
    reserve: (u64, Result<(), Told>),
    charge: (u64, Result<(), Told>),
    expected: Told,
) -> Journal {
    let journal = Journal::new();
    let shop = Shop::new(reserve, charge, journal.clone());
    let told = timeout(HOUR, buy(&shop)).await.expect("buy does not return, and no task can make progress");
    let at_once = shop.books();
    journal.log("customer", format_args!("is told {told:?}"));
    sleep(HOUR).await;
    let books = if expected == Told::Bought { (1, 1) } else { (0, 0) };
    for (when, (lamps, payments)) in [("at that moment", at_once), ("an hour later", shop.books())] {
        let show = |told: Told, lamps, payments| {
            format!("the customer was told {told:?}; lamps reserved: {lamps}, payments charged: {payments}")
        };
        let (expected, actual) = (show(expected, books.0, books.1), show(told, lamps, payments));
        assert!(
            actual == expected,
            "the answer, and the books {when}:\nexpected: {expected}\nactual:   {actual}"
        );
    }
    journal
}

#[tokio::test(start_paused = true)]
async fn a_lamp_that_is_there_is_bought() {
    let journal = bought((130, Ok(())), (210, Ok(())), Told::Bought).await;
    assert_journal!(
        journal,
        [
            (130, "warehouse", "reserves a lamp"),
            (210, "bank", "charges the card"),
            (210, "customer", "is told Bought"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_charge_that_comes_after_the_refusal_is_paid_back() {
    let journal = bought((130, SOLD_OUT), (210, Ok(())), Told::SoldOut).await;
    assert_journal!(
        journal,
        [
            (130, "warehouse", "refuses"),
            (210, "bank", "charges the card"),
            (270, "bank", "pays back"),
            (270, "customer", "is told SoldOut"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_charge_that_came_before_the_refusal_is_paid_back() {
    let journal = bought((370, SOLD_OUT), (210, Ok(())), Told::SoldOut).await;
    assert_journal!(
        journal,
        [
            (210, "bank", "charges the card"),
            (370, "warehouse", "refuses"),
            (430, "bank", "pays back"),
            (430, "customer", "is told SoldOut"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_lamp_that_is_not_paid_for_is_given_back() {
    let journal = bought((130, Ok(())), (50, CARD_REFUSED), Told::CardRefused).await;
    assert_journal!(
        journal,
        [
            (50, "bank", "refuses"),
            (130, "warehouse", "reserves a lamp"),
            (170, "warehouse", "takes the lamp back"),
            (170, "customer", "is told CardRefused"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn when_both_fail_there_is_nothing_to_undo() {
    let journal = bought((130, SOLD_OUT), (50, CARD_REFUSED), Told::SoldOut).await;
    assert_journal!(
        journal,
        [(50, "bank", "refuses"), (130, "warehouse", "refuses"), (130, "customer", "is told SoldOut")]
    );
}
