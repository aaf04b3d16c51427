//! The first to finish wins. The other is dropped, wherever it is.

use std::time::Duration;

use shared::Journal;
use tokio::time::sleep;

/// Asks two mirrors, and returns the file that arrives first.
// ANCHOR: fastest
pub async fn fastest(journal: &Journal) -> &'static str {
    // Not cancel safe, and it need not be: nobody wants half a file.
    tokio::select! {
        file = download("mirror 1", 250, journal) => file,
        file = download("mirror 2", 100, journal) => file,
    }
}
// ANCHOR_END: fastest

/// What `tokio::time::timeout` does: a race between a future and a sleep.
// ANCHOR: within
pub async fn within<T>(limit: Duration, future: impl Future<Output = T>) -> Option<T> {
    // As cancel safe as `future` is.
    tokio::select! {
        biased; // both are ready in the same millisecond: then it was in time
        value = future => Some(value),
        () = sleep(limit) => None,
    }
}
// ANCHOR_END: within

/// Downloads a file from a mirror, which takes `takes_ms`.
pub async fn download(mirror: &'static str, takes_ms: u64, journal: &Journal) -> &'static str {
    let guard = LogDrop::new(mirror, "is dropped", journal);
    sleep(Duration::from_millis(takes_ms)).await;
    guard.disarm();
    journal.log(mirror, "has sent the file");
    mirror
}

/// Logs that it was dropped, unless it was disarmed first. It makes visible where a future stops.
#[must_use = "dropping it writes the entry"]
pub(crate) struct LogDrop<'a> {
    task: &'static str,
    what: String,
    journal: Option<&'a Journal>,
}

impl<'a> LogDrop<'a> {
    pub(crate) fn new(task: &'static str, what: impl Into<String>, journal: &'a Journal) -> Self {
        Self { task, what: what.into(), journal: Some(journal) }
    }

    pub(crate) fn disarm(mut self) {
        self.journal = None;
    }
}

impl Drop for LogDrop<'_> {
    fn drop(&mut self) {
        if let Some(journal) = self.journal {
            journal.log(self.task, &self.what);
        }
    }
}
