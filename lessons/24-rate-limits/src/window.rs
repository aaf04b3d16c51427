//! A sliding window: it remembers when the last 100 requests passed. Exact, at the price of an instant for each.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

/// A rule for how many requests may pass. It does not wait and has no clock of its own.
// ANCHOR: limit
pub trait Limit {
    /// Counts a request that passes `now`. If it may not pass, nothing is counted, and the error is the moment at which
    /// one may, provided that no other request comes first.
    ///
    /// # Errors
    /// The limit has been reached.
    fn take(&mut self, now: Instant) -> Result<(), Instant>;
}
// ANCHOR_END: limit

/// At most `limit` requests in any window of the length `per`.
// ANCHOR: window
pub struct SlidingWindow {
    limit: usize,
    per: Duration,
    /// When the last `limit` requests passed.
    passed: VecDeque<Instant>,
}

impl Limit for SlidingWindow {
    fn take(&mut self, now: Instant) -> Result<(), Instant> {
        if self.passed.len() == self.limit {
            let free_at = self.passed[0] + self.per; // when the oldest leaves the window
            if now < free_at {
                return Err(free_at);
            }
            self.passed.pop_front();
        }
        self.passed.push_back(now);
        Ok(())
    }
}
// ANCHOR_END: window

impl SlidingWindow {
    /// # Panics
    /// With a limit of 0, under which nothing would ever pass.
    pub fn new(limit: usize, per: Duration) -> Self {
        assert!(limit > 0, "a limit of 0 lets nothing pass");
        Self { limit, per, passed: VecDeque::with_capacity(limit) }
    }

    /// What it takes in memory, with everything that it points to.
    pub fn bytes(&self) -> usize {
        size_of::<Self>() + self.passed.capacity() * size_of::<Instant>()
    }
}
