//! The one place that reads the real clock: these tools watch programs that the paused clock cannot stop.
//! Not for lessons and not for the capstone, which use Tokio's clock.

use std::time::{Duration, Instant, SystemTime};

/// Measures wall time from its creation on.
#[derive(Debug, Clone, Copy)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    #[expect(clippy::disallowed_methods, reason = "a hanging program is found by wall time only")]
    pub fn start() -> Stopwatch {
        Stopwatch(Instant::now())
    }

    pub fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }

    /// What is left of `limit`; zero when it has passed.
    pub fn left_of(&self, limit: Duration) -> Duration {
        limit.saturating_sub(self.elapsed())
    }
}

/// The time to stamp a file with.
#[expect(clippy::disallowed_methods, reason = "files have wall time")]
pub fn now() -> SystemTime {
    SystemTime::now()
}

/// `0.42 s`, `12.3 s`, `3 min 07 s`: as exact as a reader needs it.
pub fn spelled(duration: Duration) -> String {
    let seconds = duration.as_secs_f64();
    match duration.as_secs() {
        0..10 => format!("{seconds:.2} s"),
        10..60 => format!("{seconds:.1} s"),
        whole => format!("{} min {:02} s", whole / 60, whole % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_spelled_for_people() {
        assert_eq!(spelled(Duration::from_millis(420)), "0.42 s");
        assert_eq!(spelled(Duration::from_millis(12_340)), "12.3 s");
        assert_eq!(spelled(Duration::from_secs(187)), "3 min 07 s");
    }

    #[test]
    fn nothing_is_left_of_a_limit_that_has_passed() {
        assert_eq!(Stopwatch::start().left_of(Duration::ZERO), Duration::ZERO);
        assert!(Stopwatch::start().left_of(Duration::from_secs(3600)) > Duration::from_secs(3000));
    }
}
