//! Whether the machine stood still. A lease goes on meanwhile, and the clock that this process measures it with does not.

use std::time::{Duration, Instant, SystemTime};

/// A moment, by the clock that stands still while a machine is suspended and by that of the wall.
#[derive(Clone, Copy, Debug)]
pub(super) struct Awake {
    measured: Instant,
    wall: SystemTime,
}

impl Awake {
    #[expect(
        clippy::disallowed_methods,
        reason = "what is compared are the machine's own clocks, not those of a test"
    )]
    pub(super) fn now() -> Self {
        Self { measured: Instant::now(), wall: SystemTime::now() }
    }

    /// Whether more has passed on the wall than was measured, by more than `most`. A clock that was set forward looks the same.
    pub(super) fn has_slept(&self, most: Duration) -> bool {
        self.wall.elapsed().is_ok_and(|wall| wall > self.measured.elapsed() + most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_suspension_is_seen_and_a_clock_that_was_set_back_is_none() {
        let (margin, hour) = (Duration::from_millis(500), Duration::from_secs(3_600));
        let now = Awake::now();
        assert!(!now.has_slept(margin));
        assert!(Awake { wall: now.wall - hour, ..Awake::now() }.has_slept(margin));
        assert!(!Awake { wall: now.wall + hour, ..Awake::now() }.has_slept(margin));
    }
}
