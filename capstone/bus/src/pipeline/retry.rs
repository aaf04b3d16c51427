//! [`RetryPolicy`]: how often a handler is tried, and how long the pauses are.
//!
//! # Why not a crate?
//!
//! The rule is one line, and the loop around it is each handler's own. See
//! `docs/adr/0005-limits-of-handlers-are-our-own.md`.

use std::sync::Mutex;
use std::time::Duration;

/// Attempts with capped exponential back-off and full jitter: the pause after the n-th failure is anything between
/// nothing and `base * factor^(n - 1)`, at most `cap`.
///
/// ```
/// use std::time::Duration;
/// use capstone_bus::RetryPolicy;
///
/// let policy = RetryPolicy::attempts(4).base(Duration::from_millis(50)).cap(Duration::from_millis(150));
/// let longest: Vec<_> = (1..=4).map(|failures| policy.delay(failures).map(|delay| delay.as_millis())).collect();
/// assert_eq!(longest, [Some(50), Some(100), Some(150), None]);
/// ```
///
/// # Why full jitter?
///
/// What failed at the same moment would otherwise come back at the same moment, and fail again. Source: "Exponential
/// Backoff And Jitter", AWS Architecture Blog, 2015.
#[derive(Clone, Copy, Debug, PartialEq)]
#[must_use = "does nothing until a handler gets it"]
pub struct RetryPolicy {
    /// Absent where it never gives up.
    attempts_max: Option<u32>,
    base: Duration,
    factor: f64,
    cap: Duration,
    jitter: Jitter,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Jitter {
    Random,
    Seeded(u64),
    None,
}

impl RetryPolicy {
    /// At most so many attempts, the first one counted; 0 is taken for 1. The pauses have a base of 100 ms, a factor
    /// of 2 and a cap of 60 s.
    pub fn attempts(attempts_max: u32) -> Self {
        Self { attempts_max: Some(attempts_max), ..Self::forever() }
    }

    /// Never gives up, except on a [permanent](crate::HandlerError::permanent) error. The pauses are those of
    /// [`attempts`](Self::attempts).
    ///
    /// What it cannot do keeps its place: with a concurrency of one, everything behind it waits.
    ///
    /// ```
    /// use std::time::Duration;
    /// use capstone_bus::RetryPolicy;
    ///
    /// assert_eq!(RetryPolicy::forever().delay(u32::MAX), Some(Duration::from_secs(60)));
    /// ```
    pub fn forever() -> Self {
        let (base, cap) = (Duration::from_millis(100), Duration::from_secs(60));
        Self { attempts_max: None, base, factor: 2.0, cap, jitter: Jitter::Random }
    }

    /// The upper bound of the first pause.
    pub fn base(mut self, base: Duration) -> Self {
        self.base = base;
        self
    }

    /// What each bound is multiplied with to get the next. Below 1, and where it is not finite, it is taken for 1.
    pub fn factor(mut self, factor: f64) -> Self {
        self.factor = if factor.is_finite() { factor.max(1.0) } else { 1.0 };
        self
    }

    /// The upper bound of all pauses.
    pub fn cap(mut self, cap: Duration) -> Self {
        self.cap = cap;
        self
    }

    /// Draws the same pauses in every run, in the order in which a handler asks for them.
    pub fn seed(mut self, seed: u64) -> Self {
        self.jitter = Jitter::Seeded(seed);
        self
    }

    /// Makes each pause as long as its upper bound.
    pub fn without_jitter(mut self) -> Self {
        self.jitter = Jitter::None;
        self
    }

    /// The longest pause after so many failures; `None` when those were all attempts.
    pub fn delay(&self, failures: u32) -> Option<Duration> {
        if self.attempts_max.is_some_and(|attempts_max| failures >= attempts_max) {
            return None;
        }
        let exponent = i32::try_from(failures.saturating_sub(1)).unwrap_or(i32::MAX);
        // Kept finite, because no base times infinity would be no number.
        let growth = self.factor.powi(exponent).min(f64::MAX);
        // What is too long for a duration is longer than the cap.
        let delay = Duration::try_from_secs_f64(self.base.as_secs_f64() * growth).unwrap_or(Duration::MAX);
        Some(delay.min(self.cap))
    }
}

/// One attempt: who has not asked for a retry may not be able to bear one.
impl Default for RetryPolicy {
    fn default() -> Self {
        Self::attempts(1)
    }
}

/// The policy of one handler, with the random numbers that its calls share: with a seed, each still draws its own.
#[derive(Debug)]
pub(crate) struct Backoff {
    policy: RetryPolicy,
    random: Option<Mutex<fastrand::Rng>>,
}

impl Backoff {
    pub(crate) fn new(policy: RetryPolicy) -> Self {
        let random = match policy.jitter {
            Jitter::Random => Some(fastrand::Rng::new()),
            Jitter::Seeded(seed) => Some(fastrand::Rng::with_seed(seed)),
            Jitter::None => None,
        };
        Self { policy, random: random.map(Mutex::new) }
    }

    /// The pause after so many failures; `None` when those were all attempts.
    pub(crate) fn delay(&self, failures: u32) -> Option<Duration> {
        let longest = self.policy.delay(failures)?;
        let Some(random) = &self.random else { return Some(longest) };
        let drawn = random.lock().expect("nothing that can panic runs under this lock").f64();
        Some(longest.mul_f64(drawn))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pauses_double_up_to_the_cap() {
        let policy = RetryPolicy::attempts(41).base(Duration::from_millis(10)).cap(Duration::from_millis(50));
        let backoff = Backoff::new(policy.without_jitter());
        let pauses = [1, 2, 3, 4, 40].map(|failures| backoff.delay(failures).expect("left").as_millis());
        assert_eq!(pauses, [10, 20, 40, 50, 50]);
        assert_eq!(backoff.delay(41), None);
    }

    #[test]
    fn the_first_attempt_counts_and_there_is_always_one() {
        for (attempts_max, failures, used_up) in [(0, 1, true), (1, 1, true), (2, 1, false), (2, 2, true)] {
            assert_eq!(RetryPolicy::attempts(attempts_max).delay(failures).is_none(), used_up);
        }
    }

    #[test]
    fn jitter_stays_below_the_bound_and_repeats_with_its_seed() {
        let draw = |policy| {
            let backoff = Backoff::new(policy);
            (0..1000).map(|_| backoff.delay(1).expect("attempts left")).collect::<Vec<_>>()
        };
        let policy = RetryPolicy::attempts(u32::MAX);
        let pauses = draw(policy.seed(42));
        assert!(pauses.iter().all(|pause| *pause < Duration::from_millis(100)));
        // A thousand even draws from 100 ms: each quarter of it gets more than 150.
        for quarter in 0..4 {
            let in_it = pauses.iter().filter(|pause| pause.as_millis() / 25 == quarter).count();
            assert!(in_it > 150, "{in_it} in quarter {quarter}");
        }
        assert_eq!(pauses, draw(policy.seed(42)));
        assert_ne!(pauses, draw(policy.seed(43)));
        assert_ne!(draw(policy), draw(policy), "without a seed no two handlers have the same");
    }

    #[test]
    fn extreme_policies_end_at_the_cap() {
        let policy = RetryPolicy::attempts(u32::MAX).factor(f64::MAX);
        assert_eq!(policy.base(Duration::MAX).delay(u32::MAX - 1), Some(Duration::from_secs(60)));
        assert_eq!(policy.base(Duration::ZERO).delay(u32::MAX - 1), Some(Duration::ZERO));
        for factor in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 0.5, -2.0] {
            assert_eq!(policy.factor(factor).delay(9), Some(Duration::from_millis(100)), "factor {factor}");
        }
    }
}
