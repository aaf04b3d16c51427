//! [`RetryPolicy`]: how often a handler is tried, and how long the pauses are.

use std::time::Duration;

/// Attempts with exponential back-off and full jitter: the pause after the n-th failure is anything between nothing and
/// `base * 2^(n - 1)`, at most `cap`.
///
/// # Why full jitter?
///
/// What failed at the same moment would otherwise come back at the same moment, and fail again. Source: "Exponential
/// Backoff And Jitter", AWS Architecture Blog, 2015.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "does nothing until a handler gets it"]
pub struct RetryPolicy {
    attempts_max: u32,
    base: Duration,
    cap: Duration,
    seed: Option<u64>,
}

impl RetryPolicy {
    /// At most so many attempts, the first one counted; 0 is taken for 1. The pauses have a base of 100 ms and a cap
    /// of 60 s.
    pub fn attempts(attempts_max: u32) -> Self {
        let (base, cap) = (Duration::from_millis(100), Duration::from_secs(60));
        Self { attempts_max: attempts_max.max(1), base, cap, seed: None }
    }

    /// The upper bound of the first pause.
    pub fn base(mut self, base: Duration) -> Self {
        self.base = base;
        self
    }

    /// The upper bound of all pauses.
    pub fn cap(mut self, cap: Duration) -> Self {
        self.cap = cap;
        self
    }

    /// Makes the jitter the same in every run.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    pub(crate) fn is_used_up(&self, failures: u32) -> bool {
        failures >= self.attempts_max
    }

    pub(crate) fn random(&self) -> fastrand::Rng {
        self.seed.map_or_else(fastrand::Rng::new, fastrand::Rng::with_seed)
    }

    /// The pause after so many failures. `random` is from `0.0..1.0`.
    pub(crate) fn pause(&self, failures: u32, random: f64) -> Duration {
        let factor = 1_u32.checked_shl(failures.saturating_sub(1)).unwrap_or(u32::MAX);
        self.base.saturating_mul(factor).min(self.cap).mul_f64(random)
    }
}

/// One attempt: who has not asked for a retry may not be able to bear one.
impl Default for RetryPolicy {
    fn default() -> Self {
        Self::attempts(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pauses_double_up_to_the_cap() {
        let policy = RetryPolicy::attempts(9).base(Duration::from_millis(10)).cap(Duration::from_millis(50));
        let pauses = [1, 2, 3, 4, 40].map(|failures| policy.pause(failures, 0.5).as_millis());
        assert_eq!(pauses, [5, 10, 20, 25, 25]);
        let none = policy.base(Duration::MAX).cap(Duration::MAX).pause(u32::MAX, 0.0);
        assert_eq!(none, Duration::ZERO);
    }

    #[test]
    fn the_first_attempt_counts_and_there_is_always_one() {
        for (attempts_max, failures, used_up) in [(0, 1, true), (1, 1, true), (2, 1, false), (2, 2, true)] {
            assert_eq!(RetryPolicy::attempts(attempts_max).is_used_up(failures), used_up);
        }
    }
}
