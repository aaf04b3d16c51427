//! A token bucket: a request takes a token, and tokens come back at a steady rate. Two numbers, whatever the limit.

use std::time::Duration;

use tokio::time::Instant;

use crate::window::Limit;

/// Lets `capacity` requests pass at once, and then one for each `every`.
// ANCHOR: bucket
pub struct TokenBucket {
    capacity: u32,
    every: Duration,
    tokens: u32,
    /// When the last token was added. The next one is added `every` later.
    refilled_at: Instant,
}

impl Limit for TokenBucket {
    fn take(&mut self, now: Instant) -> Result<(), Instant> {
        self.refill(now);
        if self.tokens == 0 {
            return Err(self.refilled_at + self.every);
        }
        self.tokens -= 1;
        Ok(())
    }
}

impl TokenBucket {
    fn refill(&mut self, now: Instant) {
        let due = now.duration_since(self.refilled_at).as_nanos() / self.every.as_nanos();
        let due = u32::try_from(due).unwrap_or(u32::MAX);
        self.tokens = self.tokens.saturating_add(due).min(self.capacity);
        self.refilled_at += self.every * due; // not `now`: the part of a token that has accumulated is kept
    }
}
// ANCHOR_END: bucket

impl TokenBucket {
    /// A full bucket.
    ///
    /// # Panics
    /// With a capacity of 0, under which nothing would ever pass, or without a time between two tokens.
    pub fn new(capacity: u32, every: Duration) -> Self {
        assert!(
            capacity > 0 && every > Duration::ZERO,
            "a bucket needs room for a token, and time for the next"
        );
        Self { capacity, every, tokens: capacity, refilled_at: Instant::now() }
    }

    /// What it takes in memory.
    pub fn bytes(&self) -> usize {
        size_of::<Self>()
    }
}
