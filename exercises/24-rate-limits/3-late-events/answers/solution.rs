//! Exercise 24.3: thousands of events a second, and what becomes of those that are late.

use std::time::Duration;

use tokio::time::{Instant, sleep, sleep_until};

/// How much of a pause is caught up with: the events of the last ten milliseconds.
pub const CATCH_UP: Duration = Duration::from_millis(10);

/// Lets events pass at a steady rate.
pub struct Pacer {
    every: Duration,
    /// When the next event may pass.
    due: Instant,
}

impl Pacer {
    pub fn new(per_second: u32) -> Self {
        Self { every: Duration::from_secs(1) / per_second, due: Instant::now() }
    }

    /// Waits until the next event may pass.
    pub async fn pace(&mut self) {
        //~ begin
        let oldest = Instant::now() - CATCH_UP;
        self.due = self.due.max(oldest);
        sleep_until(self.due).await;
        // After the wait, so that a wait that is dropped does not count.
        self.due += self.every;
        //~ starter
        //~| // TODO: Tokio's clock has whole milliseconds, so this waits for a millisecond or longer, whatever the rate.
        //~| sleep(self.every).await;
        //~ end
    }
}
