//! 3,000 events a second. Tokio's clock has whole milliseconds, so the wait before each event cannot be 1/3 ms.

use std::time::Duration;

use shared::Journal;
use tokio::time::{Instant, sleep_until};

/// Publishes `count` events at this rate. Each has its deadline, and those whose deadline has passed do not wait.
// ANCHOR: paced
pub async fn paced(count: u32, per_second: u32, journal: &Journal) {
    let every = Duration::from_secs(1) / per_second;
    let mut due = Instant::now();
    for event in 1..=count {
        sleep_until(due).await; // returns at once if `due` has passed
        journal.log("relay", format_args!("publishes event {event}"));
        due += every; // from the last deadline, not from now
    }
}
// ANCHOR_END: paced
