//! The tests of exercise 30.2: the only copy, for your file and for the solution.

use shared::{HOUR, Journal, assert_journal};
use tokio::time::timeout;

use crate::sut::both;

#[tokio::test(start_paused = true)]
async fn both_answers_are_there_after_150_ms() {
    let journal = Journal::new();
    if timeout(HOUR, both(journal.clone())).await.is_err() {
        journal.log("test", "gave up: no task could go on");
    }
    assert_journal!(journal, [(100, "stock", "answered"), (150, "price", "answered")]);
}
