//! The same ideas gone wrong. The tests prove what each one does: it lets too much pass, starves, leaves holes, or is slow.

use std::sync::Mutex;
use std::time::Duration;

use shared::Journal;
use tokio::time::{Instant, Interval, sleep, sleep_until};

use crate::limiter::{Limiter, Refused};
use crate::window::Limit;

/// Twice the limit in two seconds: it begins to count again at each border, whatever has just passed.
// ANCHOR: fixed-window
pub struct FixedWindow {
    limit: u32,
    per: Duration,
    passed: u32,
    ends_at: Instant,
}

impl Limit for FixedWindow {
    fn take(&mut self, now: Instant) -> Result<(), Instant> {
        while now >= self.ends_at {
            self.ends_at += self.per;
            self.passed = 0;
        }
        if self.passed == self.limit {
            return Err(self.ends_at);
        }
        self.passed += 1;
        Ok(())
    }
}
// ANCHOR_END: fixed-window

impl FixedWindow {
    /// The first window begins now.
    pub fn new(limit: u32, per: Duration) -> Self {
        Self { limit, per, passed: 0, ends_at: Instant::now() + per }
    }
}

/// Saves up: each tick that nobody has taken is taken later, and they all come at once.
// ANCHOR: interval
pub struct Ticks(tokio::sync::Mutex<Interval>);

impl Ticks {
    pub async fn acquire(&self) {
        self.0.lock().await.tick().await;
    }
}
// ANCHOR_END: interval

impl Ticks {
    /// One request for each tick.
    pub fn new(ticks: Interval) -> Self {
        Self(tokio::sync::Mutex::new(ticks))
    }
}

/// Too slow, or stops: each call that comes too early throws away the part of a token that has accumulated.
// ANCHOR: forgetful
pub struct Forgetful {
    capacity: u32,
    every: Duration,
    tokens: u32,
    refilled_at: Instant,
}

impl Limit for Forgetful {
    fn take(&mut self, now: Instant) -> Result<(), Instant> {
        let due = now.duration_since(self.refilled_at).as_nanos() / self.every.as_nanos();
        self.tokens = self.tokens.saturating_add(due as u32).min(self.capacity);
        self.refilled_at = now;
        if self.tokens == 0 {
            return Err(now + self.every);
        }
        self.tokens -= 1;
        Ok(())
    }
}
// ANCHOR_END: forgetful

impl Forgetful {
    /// A full bucket.
    pub fn new(capacity: u32, every: Duration) -> Self {
        Self { capacity, every, tokens: capacity, refilled_at: Instant::now() }
    }
}

/// Starves: without a queue, the caller that asks most often gets everything.
// ANCHOR: try-again
pub async fn try_again(limiter: &Limiter<impl Limit>, pause: Duration) {
    while limiter.try_acquire().is_err() {
        sleep(pause).await;
    }
}
// ANCHOR_END: try-again

/// Leaves holes: a caller reserves its moment first, and then waits for it. If it is dropped, nobody gets that moment.
// ANCHOR: reserving
pub struct Reserving {
    every: Duration,
    next: Mutex<Instant>,
}

impl Reserving {
    pub async fn acquire(&self) {
        let mine = {
            let mut next = self.next.lock().expect("nothing panics under this lock");
            let mine = (*next).max(Instant::now());
            *next = mine + self.every;
            mine
        };
        sleep_until(mine).await;
    }
}
// ANCHOR_END: reserving

impl Reserving {
    /// The first request may pass now.
    pub fn new(every: Duration) -> Self {
        Self { every, next: Mutex::new(Instant::now()) }
    }
}

/// Makes everyone wait: an async lock is held while one caller sleeps, so a caller that would not wait has to.
pub struct Locked<L>(tokio::sync::Mutex<L>);

impl<L: Limit> Locked<L> {
    pub async fn acquire(&self) {
        let mut limit = self.0.lock().await;
        while let Err(free_at) = limit.take(Instant::now()) {
            sleep_until(free_at).await;
        }
    }

    /// Meant for callers that would rather drop their request than wait.
    pub async fn try_acquire(&self) -> Result<(), Refused> {
        self.0.lock().await.take(Instant::now()).map_err(Refused::Until)
    }
}

impl<L> Locked<L> {
    /// Shares `limit`.
    pub fn new(limit: L) -> Self {
        Self(tokio::sync::Mutex::new(limit))
    }
}

/// Never refilled in a test, and so never proved: the paused clock does not move this one.
#[expect(clippy::disallowed_methods, reason = "the mistake is to read the clock of the standard library")]
pub fn take_by_the_std_clock(limit: &mut impl Limit) -> Result<(), Instant> {
    limit.take(Instant::from_std(std::time::Instant::now()))
}

/// Slow: each wait is rounded up to the next millisecond, so this publishes at most 1,000 events a second.
// ANCHOR: sleep-each
pub async fn sleep_each(count: u32, per_second: u32, journal: &Journal) {
    for event in 1..=count {
        sleep(Duration::from_secs(1) / per_second).await;
        journal.log("relay", format_args!("publishes event {event}"));
    }
}
// ANCHOR_END: sleep-each
