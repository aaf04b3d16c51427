//! The tests of exercise 15.2. Your file and the solution are tested by this one copy.

use shared::HOUR;
use tokio::time::{Instant, timeout};

use super::sut::{Page, Refused, Services, page};

const ALL_WELL: Services = Services { stock: Ok(7), price: Ok(1250), rating: Ok(4) };

/// Asks for a page, and says what came and when.
async fn asked(services: Services) -> (Result<Page, Refused>, u128) {
    let started = Instant::now();
    let page = timeout(HOUR, page(&services)).await.expect("no task can go on");
    (page, started.elapsed().as_millis())
}

#[tokio::test(start_paused = true)]
async fn a_page_with_all_three_takes_as_long_as_the_slowest() {
    let (page, at_ms) = asked(ALL_WELL).await;
    assert_eq!(page, Ok(Page { stock: 7, cents: 1250, rating: Some(4) }));
    assert_eq!(at_ms, 300, "all three are asked at once, so the page is there at 300 ms");
}

#[tokio::test(start_paused = true)]
async fn sold_out_is_the_answer_as_soon_as_it_is_known() {
    let (page, at_ms) = asked(Services { stock: Err(Refused("sold out")), ..ALL_WELL }).await;
    assert_eq!(page, Err(Refused("sold out")));
    assert_eq!(
        at_ms, 100,
        "the stock has refused at 100 ms, and the customer was told at {at_ms} ms: nobody needs the price any more"
    );
}

#[tokio::test(start_paused = true)]
async fn a_page_without_a_rating_is_a_page() {
    let (page, at_ms) = asked(Services { rating: Err(Refused("out of order")), ..ALL_WELL }).await;
    let expected = Ok(Page { stock: 7, cents: 1250, rating: None });
    assert_eq!(page, expected, "the service for ratings is out of order, and only the rating may be missing");
    assert_eq!(at_ms, 300, "all three are asked at once, so the page is there at 300 ms");
}
