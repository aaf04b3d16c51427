//! Three requests over the limit: one waits, one is dropped, one is an error.

use shared::Journal;

use crate::limiter::{Limiter, Refused};
use crate::window::Limit;

// ANCHOR: policy
/// A payment must be made: it waits.
pub async fn pay(limiter: &Limiter<impl Limit>, journal: &Journal) {
    limiter.acquire().await;
    journal.log("payment", "is sent");
}

/// A report of progress is soon out of date: it is dropped.
pub fn report_progress(limiter: &Limiter<impl Limit>, journal: &Journal) {
    match limiter.try_acquire() {
        Ok(()) => journal.log("progress", "is sent"),
        Err(_) => journal.log("progress", "is dropped"),
    }
}

/// A customer waits for the answer of a search, so the customer is told.
pub fn search(limiter: &Limiter<impl Limit>, journal: &Journal) -> Result<(), Refused> {
    limiter.try_acquire()?;
    journal.log("search", "is sent");
    Ok(())
}
// ANCHOR_END: policy
