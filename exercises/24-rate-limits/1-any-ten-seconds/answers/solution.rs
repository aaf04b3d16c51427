//! Exercise 24.1: a store accepts 500 KB in any ten seconds.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

/// How much may pass in any window of the length `PER`.
pub const LIMIT_KB: u32 = 500;
/// The length of a window.
pub const PER: Duration = Duration::from_secs(10);

/// The uploads that have passed.
#[derive(Default)]
pub struct Budget {
    /// When each upload passed, and its KB. The oldest comes first.
    passed: VecDeque<(Instant, u32)>,
}

impl Budget {
    /// Lets an upload of this many KB pass `now`, and counts it. If it does not fit, nothing is counted, and the error is
    /// the moment at which it will fit, provided that nothing else passes before. No upload is larger than the limit.
    pub fn take(&mut self, kb: u32, now: Instant) -> Result<(), Instant> {
        //~ begin
        // What has left the window no longer counts.
        while self.passed.front().is_some_and(|&(at, _)| at + PER <= now) {
            self.passed.pop_front();
        }
        let mut free = LIMIT_KB - self.passed.iter().map(|(_, kb)| kb).sum::<u32>();
        if kb <= free {
            self.passed.push_back((now, kb));
            return Ok(());
        }
        // The oldest leave first. With which of them does it fit?
        for &(at, left) in &self.passed {
            free += left;
            if kb <= free {
                return Err(at + PER);
            }
        }
        unreachable!("no upload is larger than the limit")
        //~ starter
        //~| // TODO: this begins to count again ten seconds after the first upload. How much can pass around that border?
        //~| if self.passed.front().is_some_and(|&(at, _)| at + PER <= now) {
        //~|     self.passed.clear();
        //~| }
        //~| let used: u32 = self.passed.iter().map(|(_, kb)| kb).sum();
        //~| if used + kb > LIMIT_KB {
        //~|     return Err(self.passed[0].0 + PER);
        //~| }
        //~| self.passed.push_back((now, kb));
        //~| Ok(())
        //~ end
    }
}
