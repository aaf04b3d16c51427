//! Exercise 25.1: how long a caller pauses before it tries again.

use std::time::Duration;

use fastrand::Rng;

/// The longest pause after the first failure.
const BASE: Duration = Duration::from_millis(50);
/// The longest pause of all.
const CAP: Duration = Duration::from_secs(20);

/// How long to pause after this many failures in a row, at least 1. `random` belongs to this caller.
pub fn pause(failures: u32, random: &mut Rng) -> Duration {
    // TODO: this overflows, and all callers pause equally long.
    let longest = BASE * 2_u32.pow(failures - 1);
    longest.min(CAP)
}
