//! The tests of exercise 15.1. Your file and the solution are tested by this one copy.

use shared::{HOUR, Journal, assert_journal};
use tokio::time::timeout;

use super::sut::{Page, page};

#[tokio::test(start_paused = true)]
async fn the_page_is_there_when_the_slowest_service_has_answered() {
    let journal = Journal::new();
    let asking = page("lamp".to_owned(), journal.clone());
    let page = timeout(HOUR, asking).await.expect("no task can go on");
    journal.log("page", "is there");
    assert_journal!(
        journal,
        [
            (0, "stock", "asked for the lamp"),
            (0, "price", "asked for the lamp"),
            (0, "rating", "asked for the lamp"),
            (100, "rating", "answers"),
            (200, "stock", "answers"),
            (300, "price", "answers"),
            (300, "page", "is there"),
        ]
    );
    assert_eq!(page, Page { stock: 7, price: "$12.50".to_owned(), rating: 4 });
}
