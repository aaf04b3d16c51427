//! How long to pause after a failure: exponential back-off with a cap, and jitter.

use std::time::Duration;

use fastrand::Rng;

/// The longest pause after the first failure. It doubles with each further one.
pub const BASE: Duration = Duration::from_millis(100);
/// The longest pause of all.
pub const CAP: Duration = Duration::from_secs(30);

/// The longest pause after this many failures: 100 ms x 2^(failures - 1), at most 30 s.
// ANCHOR: backoff
pub fn longest(failures: u32) -> Duration {
    let factor = 2_u32.saturating_pow(failures.saturating_sub(1));
    BASE.saturating_mul(factor).min(CAP)
}

/// The pauses of one caller.
pub enum Backoff {
    /// Each pause is as long as it may be.
    Exact,
    /// Each pause is anything between nothing and that: *full jitter*.
    Jitter(Rng),
}

impl Backoff {
    /// The pause after this many failures.
    pub fn pause(&mut self, failures: u32) -> Duration {
        match self {
            Self::Exact => longest(failures),
            Self::Jitter(rng) => longest(failures).mul_f64(rng.f64()),
        }
    }
}
// ANCHOR_END: backoff
