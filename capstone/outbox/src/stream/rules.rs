//! What every driver decides in the same way: times as they are stored, back-off, limits of a step, words of a dead letter.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// An ephemeral consumer that nobody has pulled for so long is forgotten.
pub(crate) const INACTIVE_MAX_MS: i64 = 5 * 60 * 1_000;

/// Rows that one step looks at, at most: a filter that lets nothing pass must not hold anybody for long.
pub(crate) const SCAN_MAX: u16 = 4_096;

/// A moment in a stream that is further ahead of the clock than this was written while the clock was ahead. In
/// `retention.sql`, too.
#[cfg(feature = "sqlite")]
pub(crate) const AHEAD_MAX_MS: i64 = 60 * 1_000;

/// Rows that one call of `tidy` takes away.
pub(crate) const TIDY_ROWS: u16 = 1_000;

/// Dead letters that one step moves or deletes.
pub(crate) const LETTERS_AT_ONCE: u16 = 1_000;

/// Dead letters that one step looks at: those of other consumers are passed over.
pub(crate) const LETTERS_LOOKED: u16 = 10_000;

/// A clock for tests of what waits and expires, instead of the database's.
pub(crate) type StreamClock = Box<dyn Fn() -> SystemTime + Send + Sync>;

/// How long a message waits after which of its deliveries, the first being 1. In milliseconds.
pub(crate) fn backoff(delays_ms: &[i64], deliveries: u32) -> Duration {
    let place = usize::try_from(deliveries.saturating_sub(1)).unwrap_or(usize::MAX);
    duration(delays_ms.get(place).or(delays_ms.last()).copied().unwrap_or(0))
}

/// Whether a message has been delivered as often as it may be. As it is stored, 0 is no limit.
pub(crate) fn is_spent(deliveries: u32, deliveries_max: u32) -> bool {
    deliveries_max > 0 && deliveries >= deliveries_max
}

pub(crate) fn given_back(deliveries: u32) -> String {
    format!("given back after the last of {deliveries} deliveries")
}

pub(crate) fn unanswered(deliveries: u32, ack_wait_ms: i64) -> String {
    let wait = duration(ack_wait_ms);
    format!("no answer to the last of {deliveries} deliveries within {wait:?}")
}

pub(crate) fn millis_since_1970(time: SystemTime) -> i64 {
    millis(time.duration_since(UNIX_EPOCH).unwrap_or_default())
}

pub(crate) fn time_of(ms: i64) -> SystemTime {
    UNIX_EPOCH + duration(ms)
}

pub(crate) fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

pub(crate) fn duration(ms: i64) -> Duration {
    Duration::from_millis(u64::try_from(ms).unwrap_or(0))
}
