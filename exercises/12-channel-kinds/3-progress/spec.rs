//! The tests of exercise 12.3. Your file and the solution are tested by this one copy.

use shared::{HOUR, Journal, assert_journal};
use tokio::time::timeout;

use super::sut::copy_all;

#[tokio::test(start_paused = true)]
async fn copying_takes_300_ms_and_the_display_shows_the_newest_count() {
    let journal = Journal::new();
    if timeout(HOUR, copy_all(journal.clone())).await.is_err() {
        journal.log("test", "gave up: copy_all did not return, and no task could go on");
    }
    assert_journal!(
        journal,
        [
            (30, "display", "shows 1 of 10"),
            (130, "display", "shows 4 of 10"),
            (230, "display", "shows 7 of 10"),
            (300, "copier", "has copied 10 files"),
            (330, "display", "shows 10 of 10"),
        ]
    );
}
