//! The circuit breaker: how many may publish at once. While the sink is down nobody does but one probe at a time, and a sink
//! that refuses what is too much gets what it takes.

use std::time::Duration;

use tokio::time::Instant;

#[derive(Debug, Default)]
pub(super) struct Breaker {
    state: State,
    /// Times it opened since the sink last answered: the pauses grow with it.
    failures: u32,
    in_flight: usize,
    /// At most this many at once, since the sink has refused some. `None`: as many as there are.
    allowance: Option<usize>,
    /// The sink refused more than this while it took others: from here on the allowance grows slowly.
    ceiling: Option<usize>,
    /// Answers since the allowance last grew, above the ceiling.
    credit: usize,
    /// Answers in all, and how many there were when it last refused.
    answers: u64,
    answers_before: u64,
    /// What started in an earlier round tells nothing new when it fails.
    round: u64,
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

/// A publish that has started: handed back with its end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Ticket {
    round: u64,
    answers: u64,
}

impl Breaker {
    // ANCHOR: allows
    /// Starts a publish, if one may start now. The first one after the pause is the probe.
    pub(super) fn start(&mut self, now: Instant) -> Option<Ticket> {
        if !self.allows(now) {
            return None;
        }
        if let State::Open { reason, .. } = &mut self.state {
            self.state = State::Probing { reason: std::mem::take(reason) };
        }
        self.in_flight += 1;
        Some(Ticket { round: self.round, answers: self.answers })
    }

    /// Whether [`start`](Self::start) would.
    pub(super) fn allows(&self, now: Instant) -> bool {
        match &self.state {
            State::Closed => self.allowance.is_none_or(|allowance| self.in_flight < allowance),
            State::Probing { .. } => false,
            State::Open { until, .. } => *until <= now,
        }
    }
    // ANCHOR_END: allows

    /// The sink has answered, though perhaps with an error: it is there. `enough` at once need no limit.
    pub(super) fn answered(&mut self, enough: usize) {
        self.in_flight -= 1;
        self.answers += 1;
        self.failures = 0;
        self.state = State::Closed;
        let Some(allowance) = &mut self.allowance else { return };
        let is_slow = self.ceiling.is_some_and(|ceiling| *allowance >= ceiling);
        self.credit += 1;
        if !is_slow || self.credit >= *allowance {
            *allowance += 1;
            self.credit = 0;
        }
        if *allowance >= enough {
            (self.allowance, self.ceiling) = (None, None);
        }
    }

    // ANCHOR: failed
    /// The sink takes nothing, or not that much. `delay` gives the pause from the number of failures in a row.
    pub(super) fn refused(
        &mut self,
        ticket: Ticket,
        now: Instant,
        reason: String,
        delay: impl FnOnce(u32) -> Duration,
    ) {
        self.in_flight -= 1;
        let taken = self.in_flight.max(1);
        let allowance = self.allowance.map_or(taken, |allowance| allowance.min(taken));
        self.allowance = Some(allowance);
        self.ceiling = self.ceiling.map(|ceiling| ceiling.min(allowance));
        // Publishes that were under way when the last one was refused tell nothing new.
        if ticket.round != self.round {
            return;
        }
        self.round += 1;
        let took_others = self.answers > self.answers_before && !matches!(self.state, State::Probing { .. });
        self.answers_before = self.answers;
        if took_others {
            self.ceiling = self.allowance;
            return;
        }
        self.ceiling = None;
        self.failures += 1;
        self.state = State::Open { until: now + delay(self.failures), reason };
    }
    // ANCHOR_END: failed

    /// There was no answer in time. `true`: nor has the sink answered anything else since that publish started, so that it
    /// hangs, and this is [`refused`](Self::refused). `false`: it is that message's failure, and the publish has ended.
    pub(super) fn is_hanging(&mut self, ticket: Ticket) -> bool {
        let is_hanging = self.answers == ticket.answers;
        self.in_flight -= usize::from(!is_hanging);
        is_hanging
    }

    /// The publish has ended, and says nothing about the sink.
    pub(super) fn ended(&mut self) {
        self.in_flight -= 1;
    }

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

    const ENOUGH: usize = 1_000;

    fn delay(failures: u32) -> Duration {
        Duration::from_millis(100 * u64::from(failures))
    }

    #[test]
    fn it_pauses_probes_once_and_closes_on_an_answer() {
        let start = Instant::now();
        let at = |ms| start + Duration::from_millis(ms);
        let mut breaker = Breaker::default();
        let first = breaker.start(at(0)).expect("it is closed");
        let second = breaker.start(at(0)).expect("it is closed");

        breaker.refused(first, at(0), "down".into(), delay);
        breaker.refused(second, at(50), "late".into(), delay);
        assert_eq!((breaker.next_probe(), breaker.reason()), (Some(at(100)), Some("down")));
        assert_eq!(breaker.start(at(99)), None);
        let probe = breaker.start(at(100)).expect("the probe");
        assert_eq!(breaker.start(at(101)), None, "one probe at a time");

        breaker.refused(probe, at(110), "still down".into(), delay);
        assert_eq!(breaker.next_probe(), Some(at(310)), "the second pause is longer");
        breaker.start(at(310)).expect("the probe");
        breaker.answered(ENOUGH);
        assert!(breaker.reason().is_none());
        let two: Vec<Ticket> = std::iter::from_fn(|| breaker.start(at(311))).collect();
        assert_eq!(two.len(), 2, "then twice as many each time");
    }

    #[test]
    fn a_late_failure_of_an_earlier_publish_is_not_the_probes() {
        let now = Instant::now();
        let mut breaker = Breaker::default();
        let [first, second] = [(); 2].map(|()| breaker.start(now).expect("it is closed"));
        breaker.refused(first, now, "down".into(), |_| Duration::ZERO);
        breaker.start(now).expect("the probe");
        breaker.refused(second, now, "down".into(), delay);
        assert_eq!(breaker.next_probe(), None, "the probe is still under way");
        breaker.answered(ENOUGH);
        assert!(breaker.reason().is_none());
    }

    #[test]
    fn a_sink_that_answers_others_does_not_hang() {
        let now = Instant::now();
        let mut breaker = Breaker::default();
        let [hanging, _other] = [(); 2].map(|()| breaker.start(now).expect("it is closed"));
        breaker.answered(ENOUGH);
        assert!(!breaker.is_hanging(hanging), "the other one was answered since it started");

        let [one, other] = [(); 2].map(|()| breaker.start(now).expect("it is closed"));
        assert!(breaker.is_hanging(one) && breaker.is_hanging(other));
    }

    /// A sink that takes eight at once, and refuses the others at once.
    #[test]
    fn a_sink_that_sheds_load_is_not_asked_again_and_again() {
        let now = Instant::now();
        let mut breaker = Breaker::default();
        let (mut taken, mut refused) = (0, 0);
        while taken < 2_000 {
            let started: Vec<Ticket> = std::iter::from_fn(|| breaker.start(now)).take(500).collect();
            assert!(!started.is_empty(), "it goes on after {taken}");
            for ticket in started.iter().skip(8) {
                refused += 1;
                breaker.refused(*ticket, now, "busy".into(), |_| Duration::ZERO);
            }
            for _ in started.iter().take(8) {
                taken += 1;
                breaker.answered(ENOUGH);
            }
        }
        assert!(refused < 1_000, "{refused} were refused");
    }
}
