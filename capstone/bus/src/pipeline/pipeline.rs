//! [`Pipeline`]: what the options of a handler do to its calls.
//!
//! From the outside in: filter, concurrency, and then for each attempt rate, timeout, and the call that it is given:
//! middleware, and the handler in the middle.

use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::time::{Instant, sleep, timeout};

use crate::base::caught::{self, caught};
use crate::base::clock::Clock;
use crate::pipeline::error::HandlerError;
use crate::pipeline::failure::Failure;
use crate::pipeline::filter::Filters;
use crate::pipeline::interrupt::{Interrupt, unless_told};
use crate::pipeline::middleware::Cancelled;
use crate::pipeline::outcome::{LimitError, Outcome, Skip};
use crate::pipeline::rate::{Admitted, Rate};
use crate::pipeline::retry::Backoff;
use crate::pipeline::stats::{Counts, HandlerStats};
use crate::pipeline::waiting_room::{Gate, Turn, WaitingRoom};

/// Of one handler. It knows neither what is handled nor who handles it: that is in the calls which it is given.
#[derive(Debug)]
pub(crate) struct Pipeline {
    /// Absent where there is no limit, or whoever calls keeps it.
    pub(crate) gate: Option<Gate>,
    /// For all who wait, be it for a turn or for the rate.
    pub(crate) room: Arc<WaitingRoom>,
    pub(crate) rate: Option<Rate>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) backoff: Backoff,
    pub(crate) clock: Clock,
    pub(crate) counts: Counts,
}

/// What has become of a message or an event.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) outcome: Outcome,
    /// How often the handler was called.
    pub(crate) attempts: u32,
    /// When it failed for the first and for the last time; absent for what is no failure.
    failed_at: Option<[SystemTime; 2]>,
}

impl Ended {
    /// In the words of a dead letter; `None` for what is no failure.
    pub(crate) fn failure(&self) -> Option<Failure> {
        Failure::of(&self.outcome, self.attempts, self.failed_at?)
    }
}

/// What has happened so far.
#[derive(Debug, Default)]
struct SoFar {
    /// How often the handler was called.
    calls: u32,
    /// Attempts that failed, those that a limit refused included.
    failures: u32,
    /// When the first and the last of them did.
    failed_at: Option<[SystemTime; 2]>,
}

impl Pipeline {
    /// Whether there is a gate: who has a turn stands in front of all who wait for the handler.
    pub(crate) fn has_turns(&self) -> bool {
        self.gate.is_some()
    }

    /// How it ended for what the handler does not want.
    pub(crate) fn turn_down<T>(&self, filters: &Filters<T>, input: &T) -> Option<Ended> {
        let outcome = filters.turn_down(input)?;
        if outcome.is_failure() {
            self.counts.panicked.add_one();
        }
        Some(self.ended_early(outcome))
    }

    /// Waits for a turn. There is none where there is no gate.
    pub(crate) async fn turn(&self, interrupt: &mut impl Interrupt) -> Result<Option<Turn<'_>>, Outcome> {
        let Some(gate) = &self.gate else { return Ok(None) };
        if let Some(turn) = gate.try_pass() {
            return Ok(Some(turn));
        }
        let turn = unless_told(interrupt, gate.pass(&self.room)).await?;
        turn.map(Some).map_err(|busy| Outcome::Err(busy.into()))
    }

    /// Calls the handler until it has succeeded, or failed for good, or is to stop. Never panics.
    ///
    /// `call` makes the future of an attempt, by its number; nothing of the application's runs before that is polled.
    pub(crate) async fn run<C, F>(&self, interrupt: &mut impl Interrupt, call: C) -> Ended
    where
        C: Fn(u32) -> F + Send + Sync,
        F: Future<Output = Result<(), HandlerError>> + Send,
    {
        let (mut so_far, mut last) = (SoFar::default(), None);
        loop {
            let outcome = self.attempt(interrupt, &call, &mut so_far).await;
            // Stopped, or over the rate, between two attempts: then the last failure is how it ended.
            if matches!(outcome, Outcome::Skipped(_)) {
                return self.ended(last.unwrap_or(outcome), &so_far);
            }
            let _panic = caught::let_go(last.take());
            if outcome.is_ok() {
                return self.ended(outcome, &so_far);
            }
            so_far.failed(self.clock.now());
            let Some(pause) = self.pause(&outcome, so_far.failures) else {
                return self.ended(outcome, &so_far);
            };
            match unless_told(interrupt, async { sleep(pause).await }).await {
                Ok(()) => last = Some(outcome),
                Err(Outcome::Skipped(_)) => return self.ended(outcome, &so_far),
                Err(no_timer) => {
                    let _panic = caught::let_go(outcome);
                    return self.ended(no_timer, &so_far);
                }
            }
        }
    }

    /// It ended before there was an attempt.
    pub(crate) fn ended_early(&self, outcome: Outcome) -> Ended {
        self.ended(outcome, &SoFar::default())
    }

    fn ended(&self, outcome: Outcome, so_far: &SoFar) -> Ended {
        let failed_at =
            outcome.is_failure().then(|| so_far.failed_at.unwrap_or_else(|| [self.clock.now(); 2]));
        Ended { outcome, attempts: so_far.calls, failed_at }
    }

    /// How long to wait for the next attempt; `None` when this was the last.
    fn pause(&self, outcome: &Outcome, failures: u32) -> Option<Duration> {
        let is_final = match outcome {
            Outcome::Err(error) => error.is_permanent(),
            Outcome::CutOff => true,
            _ => false,
        };
        if is_final { None } else { self.backoff.delay(failures) }
    }

    async fn attempt<C, F>(&self, interrupt: &mut impl Interrupt, call: &C, so_far: &mut SoFar) -> Outcome
    where
        C: Fn(u32) -> F + Send + Sync,
        F: Future<Output = Result<(), HandlerError>> + Send,
    {
        if let Err(outcome) = self.admit(interrupt, so_far).await {
            return outcome;
        }
        let attempt = so_far.calls.saturating_add(1);
        let began = Instant::now();
        let outcome = self.call(interrupt, || call(attempt)).await;
        if !matches!(outcome, Outcome::Skipped(_)) {
            so_far.calls = attempt;
            self.counts.called(attempt, began.elapsed(), &outcome);
        }
        outcome
    }

    /// Asks the rate, and waits for it if that is the policy. Who has a turn, or was called before, is in front of all who
    /// wait for the handler, and needs no seat.
    async fn admit(&self, interrupt: &mut impl Interrupt, so_far: &SoFar) -> Result<(), Outcome> {
        let Some(rate) = &self.rate else { return Ok(()) };
        match rate.admit() {
            Admitted::Yes => return Ok(()),
            Admitted::Dropped => return Err(Outcome::Skipped(Skip::RateLimited)),
            Admitted::Refused => return Err(Outcome::Err(LimitError::RateLimited.into())),
            Admitted::Later => {}
        }
        let needs_seat = !self.has_turns() && so_far.calls == 0;
        let waited = unless_told(interrupt, rate.wait(needs_seat.then_some(&*self.room))).await?;
        waited.map_err(|busy| Outcome::Err(busy.into()))
    }

    // ANCHOR: call
    async fn call<F>(&self, interrupt: &mut impl Interrupt, attempt: impl FnOnce() -> F + Send) -> Outcome
    where
        F: Future<Output = Result<(), HandlerError>> + Send,
    {
        // In here and nowhere else, because a future that is handed on takes its room once more, and calls may be nested.
        let mut handler = pin!(Some(attempt()));
        let running = handler.as_mut().as_pin_mut().expect("it was put there");
        let ended = caught(interrupt.run(self.limited(running))).await;
        let outcome = ended.unwrap_or_else(Outcome::panicked);
        // Whether it has ended or is dropped where it awaits: that is its code too, and may panic.
        match caught::call(|| handler.set(None)) {
            Ok(()) => outcome,
            Err(panic) => {
                let _panic = caught::let_go(outcome);
                Outcome::Panicked(panic)
            }
        }
    }

    async fn limited<F>(&self, handler: Pin<&mut F>) -> Outcome
    where
        F: Future<Output = Result<(), HandlerError>> + Send,
    {
        let ended = match self.timeout {
            Some(limit) => timeout(limit, handler).await,
            None => Ok(handler.await),
        };
        match ended {
            Ok(Ok(())) => Outcome::Ok,
            Ok(Err(error)) if error.downcast_ref::<Cancelled>().is_some() => {
                Outcome::Skipped(Skip::Cancelled)
            }
            Ok(Err(error)) => Outcome::Err(error),
            Err(_elapsed) => Outcome::TimedOut,
        }
    }
    // ANCHOR_END: call

    pub(crate) fn stats(&self) -> HandlerStats {
        self.counts.stats(self.room.waiting())
    }
}

impl SoFar {
    fn failed(&mut self, now: SystemTime) {
        self.failures = self.failures.saturating_add(1);
        let first_at = self.failed_at.map_or(now, |[first_at, _]| first_at);
        self.failed_at = Some([first_at, now]);
    }
}
