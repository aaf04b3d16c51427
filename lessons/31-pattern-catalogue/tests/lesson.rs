//! The checkout, with the wrong tools and with the right ones; and the timelines of the book.

use lesson_31::{checkout, story, wrong};
use shared::{HOUR, Journal, assert_journal};
use tokio::time::timeout;

const STUCK: &str = "no task can make progress";

#[tokio::test(start_paused = true)]
async fn wrong_three_tools_in_the_wrong_place_lose_an_order_both_prices_and_all_receipts() {
    let journal = Journal::new();
    timeout(HOUR, wrong::checkout(journal.clone())).await.expect(STUCK);
    assert_journal!(
        journal,
        [
            (0, "checkout", "takes order 7"),
            (0, "stock", "is asked"),
            (0, "price", "is asked"),
            (40, "stock", "answers 5"),
            (40, "price", "is dropped"),
            (40, "checkout", "takes order 9"),
            (40, "stock", "is asked"),
            (40, "price", "is asked"),
            (80, "stock", "answers 5"),
            (80, "price", "is dropped"),
            (80, "checkout", "returns, and the program ends"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn with_the_right_tools_everything_is_there() {
    let journal = Journal::new();
    timeout(HOUR, checkout::checkout(journal.clone())).await.expect(STUCK);
    assert_journal!(
        journal,
        [
            (0, "checkout", "takes order 7"),
            (0, "stock", "is asked"),
            (0, "price", "is asked"),
            (40, "stock", "answers 5"),
            (70, "price", "answers 1250"),
            (70, "checkout", "takes order 8"),
            (70, "stock", "is asked"),
            (70, "price", "is asked"),
            (110, "stock", "answers 5"),
            (120, "receipts", "order 7"),
            (140, "price", "answers 1250"),
            (140, "checkout", "takes order 9"),
            (140, "stock", "is asked"),
            (140, "price", "is asked"),
            (180, "stock", "answers 5"),
            (190, "receipts", "order 8"),
            (210, "price", "answers 1250"),
            (260, "receipts", "order 9"),
            (260, "checkout", "returns"),
        ]
    );
}

#[test]
fn the_printed_timelines_are_the_ones_in_the_book() {
    story().assert_artifacts(env!("CARGO_MANIFEST_DIR"));
}
