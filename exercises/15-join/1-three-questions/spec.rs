//! The tests of exercise 15.1. Your file and the solution are tested by this one copy.

use std::time::Duration;

use shared::{HOUR, Journal, assert_journal};
use tokio::time::{sleep, timeout};

use super::sut::{Page, Services, page};

const STUCK: &str = "page does not return, and no task can make progress";

#[track_caller]
fn assert_page(page: &Page, expected: Page) {
    let why = "the page must show what the services have answered";
    assert!(*page == expected, "{why}\nexpected: {expected:?}\nactual:   {page:?}");
}

#[tokio::test(start_paused = true)]
async fn the_page_is_ready_when_the_slowest_service_has_answered() {
    let journal = Journal::new();
    let services = Services::new([(230, 7), (370, 1250), (130, 4)], journal.clone());
    let page = timeout(HOUR, page(&services, "lamp")).await.expect(STUCK);
    journal.log("page", "is ready");
    assert_journal!(
        journal,
        [
            (0, "stock", "is asked for the lamp"),
            (0, "price", "is asked for the lamp"),
            (0, "rating", "is asked for the lamp"),
            (130, "rating", "answers"),
            (230, "stock", "answers"),
            (370, "price", "answers"),
            (370, "page", "is ready"),
        ]
    );
    assert_page(&page, Page { stock: 7, cents: 1250, rating: 4 });
}

#[tokio::test(start_paused = true)]
async fn any_of_the_three_may_be_the_slowest() {
    let journal = Journal::new();
    let services = Services::new([(110, 0), (70, 990), (290, 5)], journal.clone());
    let page = timeout(HOUR, page(&services, "chair")).await.expect(STUCK);
    journal.log("page", "is ready");
    assert_journal!(
        journal,
        [
            (0, "stock", "is asked for the chair"),
            (0, "price", "is asked for the chair"),
            (0, "rating", "is asked for the chair"),
            (70, "price", "answers"),
            (110, "stock", "answers"),
            (290, "rating", "answers"),
            (290, "page", "is ready"),
        ]
    );
    assert_page(&page, Page { stock: 0, cents: 990, rating: 5 });
}

#[tokio::test(start_paused = true)]
async fn the_questions_are_dropped_with_the_page() {
    let journal = Journal::new();
    let services = Services::new([(230, 7), (370, 1250), (130, 4)], journal.clone());
    timeout(Duration::from_millis(170), page(&services, "lamp"))
        .await
        .expect_err("the page was ready before all services had answered");
    journal.log("customer", "leaves");
    sleep(HOUR).await;
    assert_journal!(
        journal,
        [
            (0, "stock", "is asked for the lamp"),
            (0, "price", "is asked for the lamp"),
            (0, "rating", "is asked for the lamp"),
            (130, "rating", "answers"),
            (170, "customer", "leaves"),
        ]
    );
}
