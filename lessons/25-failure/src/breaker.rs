//! The circuit breaker: when the other side is down, it refuses calls at once, and lets one through now and then.

use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use shared::Journal;
use tokio::time::Instant;

use crate::outcome::{Outcome, Refusal};

/// The breaker opens at this many failures in a row.
pub const FAILURES_MAX: u32 = 3;
/// How long it stays open before it lets a probe through.
pub const OPEN_FOR: Duration = Duration::from_millis(300);

/// Shared by all callers of one service.
pub struct Breaker {
    /// A std mutex: held for short sections without an await.
    state: Mutex<State>,
    journal: Journal,
}

struct State {
    phase: Phase,
    /// Grows with each change of phase, so that a late answer is not taken for one of this phase.
    round: u32,
}

// ANCHOR: phase
enum Phase {
    /// Calls go through. This many have failed in a row.
    Closed { failures: u32 },
    /// No call goes through before this instant.
    Open { until: Instant },
    /// One call is under way, the probe. No other call goes through.
    HalfOpen,
}
// ANCHOR_END: phase

/// The breaker is open. Nothing was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Open;

/// What a call says about the other side.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Sign {
    Up,
    Down,
}

impl Breaker {
    /// A closed breaker.
    pub fn new(journal: Journal) -> Self {
        let state = State { phase: Phase::Closed { failures: 0 }, round: 0 };
        Self { state: Mutex::new(state), journal }
    }

    /// Makes the attempt, unless the breaker is open. If this is dropped half-way, the attempt counts as a failure.
    ///
    /// # Errors
    /// The breaker is open. The attempt has not been polled.
    // ANCHOR: call
    pub async fn call<T>(&self, attempt: impl Future<Output = Outcome<T>>) -> Result<Outcome<T>, Open> {
        let mut permit = self.permit()?;
        let outcome = attempt.await;
        permit.sign = sign_of(&outcome);
        Ok(outcome)
    }

    fn permit(&self) -> Result<Permit<'_>, Open> {
        let round = self.begin()?;
        Ok(Permit { breaker: self, round, sign: Sign::Down }) // unless it turns out otherwise
    }
    // ANCHOR_END: call

    /// Lets a call through. Each must be reported, with the round that this returns.
    // ANCHOR: decide
    pub(crate) fn begin(&self) -> Result<u32, Open> {
        let mut state = self.state();
        match state.phase {
            Phase::Closed { .. } => {}
            Phase::Open { until } if until <= Instant::now() => self.enter(&mut state, Phase::HalfOpen),
            Phase::Open { .. } | Phase::HalfOpen => return Err(Open),
        }
        Ok(state.round)
    }

    /// Takes in how a call ended.
    pub(crate) fn report(&self, round: u32, sign: Sign) {
        let mut state = self.state();
        if round != state.round {
            return; // it began in an earlier phase
        }
        match (&mut state.phase, sign) {
            (Phase::Closed { failures }, Sign::Up) => *failures = 0,
            (Phase::Closed { failures }, Sign::Down) if *failures + 1 < FAILURES_MAX => *failures += 1,
            (Phase::HalfOpen, Sign::Up) => self.enter(&mut state, Phase::Closed { failures: 0 }),
            (Phase::Closed { .. } | Phase::HalfOpen, Sign::Down) => {
                self.enter(&mut state, Phase::Open { until: Instant::now() + OPEN_FOR });
            }
            (Phase::Open { .. }, _) => unreachable!("no call begins in this phase"),
        }
    }
    // ANCHOR_END: decide

    fn enter(&self, state: &mut State, phase: Phase) {
        let what = match phase {
            Phase::Closed { .. } => "closes",
            Phase::Open { .. } => "opens",
            Phase::HalfOpen => "is half-open: lets a probe through",
        };
        self.journal.log("breaker", what);
        *state = State { phase, round: state.round + 1 };
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nothing panics under this lock")
    }
}

/// A call that is under way. Its drop reports it, wherever that happens.
// ANCHOR: guard
struct Permit<'a> {
    breaker: &'a Breaker,
    round: u32,
    sign: Sign,
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        self.breaker.report(self.round, self.sign);
    }
}
// ANCHOR_END: guard

/// A declined card is an answer: the bank is there. Being busy is a sign that it has too much to do.
pub(crate) fn sign_of<T>(outcome: &Outcome<T>) -> Sign {
    match outcome {
        Outcome::Done(_) | Outcome::Failed(Refusal::Permanent(_)) => Sign::Up,
        Outcome::Failed(Refusal::Transient(_)) | Outcome::Unknown => Sign::Down,
    }
}
