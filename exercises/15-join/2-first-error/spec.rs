//! The tests of exercise 15.2. Your file and the solution are tested by this one copy.

use shared::{HOUR, Journal, assert_journal};
use tokio::time::{sleep, timeout};

use super::sut::{Page, Refused, Services, page};

type Answer = (u64, Result<u32, Refused>);

/// Asks for a page. Returns it with the journal, which ends an hour later.
async fn asked(answers: [Answer; 3]) -> (Result<Page, Refused>, Journal) {
    let journal = Journal::new();
    let services = Services::new(answers, journal.clone());
    let page =
        timeout(HOUR, page(&services)).await.expect("page does not return, and no task can make progress");
    journal.log("customer", if page.is_ok() { "has the page" } else { "is refused" });
    sleep(HOUR).await;
    (page, journal)
}

#[track_caller]
fn assert_page(page: &Result<Page, Refused>, expected: Result<Page, Refused>, why: &str) {
    assert!(*page == expected, "{why}\nexpected: {expected:?}\nactual:   {page:?}");
}

#[tokio::test(start_paused = true)]
async fn a_page_with_all_three_waits_for_the_slowest() {
    let (page, journal) = asked([(130, Ok(7)), (370, Ok(1250)), (50, Ok(4))]).await;
    let expected = Ok(Page { stock: 7, cents: 1250, rating: Some(4) });
    assert_page(&page, expected, "all three services have answered, and the page must show their answers");
    assert_journal!(
        journal,
        [
            (0, "stock", "is asked"),
            (0, "price", "is asked"),
            (0, "rating", "is asked"),
            (50, "rating", "answers"),
            (130, "stock", "answers"),
            (370, "price", "answers"),
            (370, "customer", "has the page"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn the_slowest_may_be_the_rating() {
    let (page, journal) = asked([(130, Ok(7)), (90, Ok(1250)), (210, Ok(4))]).await;
    let expected = Ok(Page { stock: 7, cents: 1250, rating: Some(4) });
    assert_page(&page, expected, "all three services have answered, and the page must show their answers");
    assert_journal!(
        journal,
        [
            (0, "stock", "is asked"),
            (0, "price", "is asked"),
            (0, "rating", "is asked"),
            (90, "price", "answers"),
            (130, "stock", "answers"),
            (210, "rating", "answers"),
            (210, "customer", "has the page"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn sold_out_is_the_answer_before_the_price_and_the_rating_are_there() {
    let (page, journal) = asked([(130, Err(Refused("sold out"))), (370, Ok(1250)), (290, Ok(4))]).await;
    assert_page(&page, Err(Refused("sold out")), "the stock has refused, and that must be the answer");
    assert_journal!(
        journal,
        [
            (0, "stock", "is asked"),
            (0, "price", "is asked"),
            (0, "rating", "is asked"),
            (130, "stock", "refuses"),
            (130, "customer", "is refused"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn the_first_refusal_is_the_answer() {
    let sold_out = (130, Err(Refused("sold out")));
    let (page, journal) = asked([sold_out, (70, Err(Refused("no price"))), (20, Err(Refused("down")))]).await;
    let why = "the price has refused before the stock did, and the rating does not count";
    assert_page(&page, Err(Refused("no price")), why);
    assert_journal!(
        journal,
        [
            (0, "stock", "is asked"),
            (0, "price", "is asked"),
            (0, "rating", "is asked"),
            (20, "rating", "refuses"),
            (70, "price", "refuses"),
            (70, "customer", "is refused"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_page_without_a_rating_is_a_page() {
    for rating_ms in [50, 410] {
        let rating = (rating_ms, Err(Refused("down")));
        let (page, journal) = asked([(130, Ok(7)), (370, Ok(1250)), rating]).await;
        let expected = Ok(Page { stock: 7, cents: 1250, rating: None });
        assert_page(&page, expected, "the service for ratings is down, so only the rating must be missing");
        let customer = journal.entries().into_iter().find(|entry| entry.task == "customer");
        let at_ms = customer.expect("the customer has the page").at_ms;
        let due_ms = rating_ms.max(370);
        assert_eq!(
            at_ms, due_ms,
            "all three have answered or refused at {due_ms} ms, and the customer has the page at {at_ms} ms"
        );
    }
}
