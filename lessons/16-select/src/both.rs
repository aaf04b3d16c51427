//! Two downloads in one loop. A branch whose future has finished is disabled, so that it is not polled again.

use std::pin::pin;

use shared::Journal;

use crate::race::download;

/// Downloads from both mirrors, and logs each file as it arrives.
// ANCHOR: both
pub async fn both(journal: &Journal) {
    let mut first = pin!(download("mirror 1", 250, journal));
    let mut second = pin!(download("mirror 2", 100, journal));
    let (mut first_done, mut second_done) = (false, false);
    loop {
        // Both branches borrow, so the download that loses is kept.
        tokio::select! {
            file = &mut first, if !first_done => {
                journal.log("main", format_args!("has the file from {file}"));
                first_done = true;
            }
            file = &mut second, if !second_done => {
                journal.log("main", format_args!("has the file from {file}"));
                second_done = true;
            }
            else => break, // both are disabled
        }
    }
    journal.log("main", "has both files");
}
// ANCHOR_END: both
