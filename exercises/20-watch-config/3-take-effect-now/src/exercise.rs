//! Exercise 20.3: a poller whose interval can be changed while it waits.

use std::time::Duration;

use shared::Journal;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until};

/// Polls at once, and then each time `every` has passed since the last poll. A new `every` takes effect at once, and counts
/// from the last poll too. Ends at once when no sender is left.
pub async fn poller(mut every: watch::Receiver<Duration>, journal: Journal) {
    // TODO: while this sleeps, a new interval has no effect.
    while every.has_changed().is_ok() {
        journal.log("poller", "polls");
        let wait = *every.borrow_and_update();
        sleep(wait).await;
    }
    journal.log("poller", "ends");
}
