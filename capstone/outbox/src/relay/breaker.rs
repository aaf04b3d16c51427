//! The circuit breaker: while the sink is down, nobody publishes but one probe at a time.

use std::time::Duration;

use tokio::time::Instant;

#[derive(Debug, Default)]
pub(super) struct Breaker {
    state: State,
    /// Times it opened since the sink last answered: the pauses grow with it.
    failures: u32,
}

#[derive(Debug, Default)]
enum State {
    #[default]
    Closed,
    Open {
        until: Instant,
        reason: String,
    },
    /// One publish is under way to see whether the sink is back.
    Probing {
        reason: String,
    },
}

impl Breaker {
    // ANCHOR: allows
    /// Whether a publish may start now. The first `true` after the pause is the probe.
    pub(super) fn allows(&mut self, now: Instant) -> bool {
        match &mut self.state {
            State::Closed => true,
            State::Probing { .. } => false,
            State::Open { until, .. } if now < *until => false,
            State::Open { reason, .. } => {
                self.state = State::Probing { reason: std::mem::take(reason) };
                true
            }
        }
    }
    // ANCHOR_END: allows

    /// Whether [`allows`](Self::allows) would say so.
    pub(super) fn would_allow(&self, now: Instant) -> bool {
        match &self.state {
            State::Closed => true,
            State::Probing { .. } => false,
            State::Open { until, .. } => *until <= now,
        }
    }

    /// The sink has answered, though perhaps with an error: it is there.
    pub(super) fn answered(&mut self) {
        *self = Self::default();
    }

    // ANCHOR: failed
    /// The sink is not there. `delay` gives the pause from the number of failures in a row.
    pub(super) fn failed(&mut self, now: Instant, reason: String, delay: impl FnOnce(u32) -> Duration) {
        // Publishes that were under way when it opened tell nothing new.
        if !matches!(self.state, State::Open { .. }) {
            self.failures += 1;
            self.state = State::Open { until: now + delay(self.failures), reason };
        }
    }
    // ANCHOR_END: failed

    /// When the next probe may start.
    pub(super) fn next_probe(&self) -> Option<Instant> {
        match &self.state {
            State::Open { until, .. } => Some(*until),
            State::Closed | State::Probing { .. } => None,
        }
    }

    /// Why it is not closed.
    pub(super) fn reason(&self) -> Option<&str> {
        match &self.state {
            State::Closed => None,
            State::Open { reason, .. } | State::Probing { reason } => Some(reason),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_pauses_probes_once_and_closes_on_an_answer() {
        let start = Instant::now();
        let at = |ms| start + Duration::from_millis(ms);
        let delay = |failures: u32| Duration::from_millis(100 * u64::from(failures));
        let mut breaker = Breaker::default();
        assert!(breaker.allows(at(0)));

        breaker.failed(at(0), "down".into(), delay);
        breaker.failed(at(50), "late".into(), delay);
        assert_eq!((breaker.next_probe(), breaker.reason()), (Some(at(100)), Some("down")));
        assert!(!breaker.allows(at(99)));
        assert!(breaker.allows(at(100)), "the probe");
        assert!(!breaker.allows(at(101)), "one probe at a time");

        breaker.failed(at(110), "still down".into(), delay);
        assert_eq!(breaker.next_probe(), Some(at(310)), "the second pause is longer");
        assert!(breaker.allows(at(310)));
        breaker.answered();
        assert!(breaker.allows(at(311)) && breaker.reason().is_none());
    }
}
