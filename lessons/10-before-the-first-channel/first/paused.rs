//! A first test, on the paused clock: `tests/paused.rs` of the new project, and a test of this lesson.

// ANCHOR: paused
use std::time::Duration;

use tokio::time::{Instant, sleep};

#[tokio::test(start_paused = true)]
async fn a_day_passes_at_once() {
    let day = Duration::from_secs(24 * 60 * 60);
    let started = Instant::now();
    sleep(day).await;
    assert_eq!(started.elapsed(), day); // exactly; you did not wait for it
}
// ANCHOR_END: paused
