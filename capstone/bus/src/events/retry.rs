//! [`Retry`]: how often, and after which delays, a handler that failed is called again.
//!
//! # Why not a crate?
//!
//! The rule is one line, and `backon` seeds its jitter per call: with a seed, every event of a handler would draw the
//! same delays. See `docs/adr/0005-limits-of-handlers-are-our-own.md`.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

/// Calls again after an error, a panic or a timeout, with exponential delays.
///
/// ```
/// use std::time::Duration;
/// use capstone_bus::events::Retry;
///
/// let policy = Retry::attempts(4).base(Duration::from_millis(50)).cap(Duration::from_millis(150));
/// let delays: Vec<_> = (1..=4).map(|failed| policy.delay(failed).map(|delay| delay.as_millis())).collect();
/// assert_eq!(delays, [Some(50), Some(100), Some(150), None]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[must_use = "a policy does nothing until a handler has it"]
pub struct Retry {
    attempts_max: u32,
    base: Duration,
    factor: f64,
    cap: Duration,
    jitter: Option<u64>,
}

impl Retry {
    /// At most this many calls, the first one counted; 0 counts as 1. The delays begin with 100 ms and double, up to a
    /// minute, without jitter.
    pub fn attempts(attempts_max: u32) -> Self {
        let (base, cap) = (Duration::from_millis(100), Duration::from_secs(60));
        Self { attempts_max, base, factor: 2.0, cap, jitter: None }
    }

    /// The delay after the first failure.
    pub fn base(mut self, delay: Duration) -> Self {
        self.base = delay;
        self
    }

    /// What each delay is multiplied with to get the next. Below 1, and where it is no number, it counts as 1.
    pub fn factor(mut self, factor: f64) -> Self {
        self.factor = factor.max(1.0);
        self
    }

    /// The longest delay.
    pub fn cap(mut self, delay: Duration) -> Self {
        self.cap = delay;
        self
    }

    /// Full jitter: each delay is drawn between zero and its length, so that what failed together does not come back
    /// together. The same seed draws the same delays, in the order in which a handler asks for them.
    ///
    /// After "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
    pub fn jitter(mut self, seed: u64) -> Self {
        self.jitter = Some(seed);
        self
    }

    /// How long to wait after this many failures, before jitter; `None` when that were all attempts.
    pub fn delay(&self, failed: u32) -> Option<Duration> {
        if failed >= self.attempts_max {
            return None;
        }
        let exponent = i32::try_from(failed.saturating_sub(1)).unwrap_or(i32::MAX);
        let seconds = self.base.as_secs_f64() * self.factor.powi(exponent);
        // What is too long for a duration, or for a number, is longer than the cap.
        Some(Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX).min(self.cap))
    }
}

/// The policy of one handler, with the random numbers that its calls share.
#[derive(Debug)]
pub(crate) struct Backoff {
    policy: Retry,
    draws: AtomicU64,
}

impl Backoff {
    pub(crate) fn new(policy: Retry) -> Self {
        Self { policy, draws: AtomicU64::new(0) }
    }

    pub(crate) fn delay(&self, failed: u32) -> Option<Duration> {
        let delay = self.policy.delay(failed)?;
        let Some(seed) = self.policy.jitter else { return Some(delay) };
        let draw = split_mix(seed, self.draws.fetch_add(1, Ordering::Relaxed));
        // The upper 53 bits, as many as a float holds: 0 or more, and less than 1.
        Some(delay.mul_f64((draw >> 11) as f64 / (1_u64 << 53) as f64))
    }
}

/// The n-th number of SplitMix64 (Steele, Lea and Flood, 2014): it needs no state but n, hence no lock.
fn split_mix(seed: u64, n: u64) -> u64 {
    let mut z = seed.wrapping_add((n + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_are_those_of_the_paper() {
        // The reference implementation, seeded with 1234567.
        let expected = [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423];
        assert_eq!([0, 1, 2].map(|n| split_mix(1_234_567, n)), expected);
    }

    #[test]
    fn jitter_stays_below_the_delay_and_repeats_with_its_seed() {
        let draw = |seed| {
            let backoff = Backoff::new(Retry::attempts(u32::MAX).jitter(seed));
            (0..1000).map(|_| backoff.delay(1).expect("attempts left")).collect::<Vec<_>>()
        };
        let delays = draw(42);
        assert!(delays.iter().all(|delay| *delay < Duration::from_millis(100)));
        // A thousand even draws from 100 ms: each quarter of it gets more than 150.
        for quarter in 0..4 {
            let in_it = delays.iter().filter(|delay| delay.as_millis() / 25 == quarter).count();
            assert!(in_it > 150, "{in_it} in quarter {quarter}");
        }
        assert_eq!(delays, draw(42));
        assert_ne!(delays, draw(43));
    }

    #[test]
    fn extreme_policies_end_at_the_cap() {
        let policy = Retry::attempts(u32::MAX).factor(f64::MAX).base(Duration::MAX);
        assert_eq!(policy.delay(u32::MAX - 1), Some(Duration::from_secs(60)));
        assert_eq!(policy.factor(f64::NAN).base(Duration::ZERO).delay(9), Some(Duration::ZERO));
        assert_eq!(Retry::attempts(0).delay(1), None);
    }
}
