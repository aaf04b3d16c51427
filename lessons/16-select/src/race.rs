//! The first one to finish wins. The other one is dropped, wherever it is.

use std::time::Duration;

use shared::Journal;
use tokio::time::sleep;

/// Asks two mirrors, and takes the answer that comes first.
// ANCHOR: fastest
pub async fn fastest(journal: &Journal) -> &'static str {
    // Not cancel safe, and not meant to be: half a file is of no use.
    tokio::select! {
        file = download("mirror 1", 250, journal) => file,
        file = download("mirror 2", 100, journal) => file,
    }
}
// ANCHOR_END: fastest

/// What `tokio::time::timeout` does: a race between a future and a sleep.
// ANCHOR: within
pub async fn within<T>(limit: Duration, future: impl Future<Output = T>) -> Option<T> {
    // As cancel safe as the future is.
    tokio::select! {
        biased; // ready on the same millisecond: then it was in time
        value = future => Some(value),
        () = sleep(limit) => None,
    }
}
// ANCHOR_END: within

/// Downloads a file from a mirror that takes so long.
pub async fn download(mirror: &'static str, takes_ms: u64, journal: &Journal) -> &'static str {
    let cut_off = NoteDrop::new(mirror, "is dropped", journal);
    sleep(Duration::from_millis(takes_ms)).await;
    cut_off.disarm();
    journal.log(mirror, "has the file");
    mirror
}

/// Notes that it was dropped, unless it was disarmed before: so one sees that a future does not go on.
#[must_use = "dropping it writes the note"]
pub(crate) struct NoteDrop<'a> {
    task: &'static str,
    what: String,
    journal: Option<&'a Journal>,
}

impl<'a> NoteDrop<'a> {
    pub(crate) fn new(task: &'static str, what: impl Into<String>, journal: &'a Journal) -> Self {
        Self { task, what: what.into(), journal: Some(journal) }
    }

    pub(crate) fn disarm(mut self) {
        self.journal = None;
    }
}

impl Drop for NoteDrop<'_> {
    fn drop(&mut self) {
        if let Some(journal) = self.journal {
            journal.log(self.task, &self.what);
        }
    }
}
