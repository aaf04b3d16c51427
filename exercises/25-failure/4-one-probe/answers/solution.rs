//! Exercise 25.4: a breaker that is open lets one probe through, and the probe may be dropped.

use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use tokio::time::Instant;

/// How long the breaker stays open.
const PAUSE: Duration = Duration::from_millis(400);

/// The other side has given no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoAnswer;

/// What became of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Called {
    /// The attempt was made.
    Through(Result<(), NoAnswer>),
    /// The breaker refused it. The attempt was not polled.
    Refused,
}

/// A breaker that opens as soon as an attempt has no answer.
pub struct Breaker {
    /// Locked for short sections without an await.
    state: Mutex<State>,
}

enum State {
    Closed,
    Open { until: Instant },
    //~ begin
    Probing,
    //~ starter
    //~| // TODO: one more state
    //~ end
}

impl Breaker {
    /// A closed breaker.
    #[expect(clippy::new_without_default, reason = "a breaker is created on purpose, not by default")]
    pub fn new() -> Self {
        Self { state: Mutex::new(State::Closed) }
    }

    /// Makes the attempt, unless the breaker refuses it. It may be dropped at any time.
    pub async fn call(&self, attempt: impl Future<Output = Result<(), NoAnswer>>) -> Called {
        //~ begin
        let probe = match &mut *self.state() {
            State::Closed => None,
            State::Open { until } if Instant::now() < *until => return Called::Refused,
            State::Probing => return Called::Refused,
            state @ State::Open { .. } => {
                *state = State::Probing;
                Some(Probe { breaker: self })
            }
        };
        let result = attempt.await;
        let mut state = self.state();
        match (result, &*state) {
            (Ok(()), _) if probe.is_some() => *state = State::Closed,
            (Err(NoAnswer), _) if probe.is_some() => *state = open(),
            (Err(NoAnswer), State::Closed) => *state = open(),
            _ => {} // not the probe, and too late to say anything
        }
        drop(state); // the probe locks it when it is dropped
        Called::Through(result)
        //~ starter
        //~| // TODO: after the pause everybody goes through. Let one call through, the probe, and refuse the others until it has ended.
        //~| if let State::Open { until } = &*self.state()
        //~|     && Instant::now() < *until
        //~| {
        //~|     return Called::Refused;
        //~| }
        //~| let result = attempt.await;
        //~| *self.state() = if result.is_ok() { State::Closed } else { open() };
        //~| Called::Through(result)
        //~ end
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nothing panics under this lock")
    }
}

fn open() -> State {
    State::Open { until: Instant::now() + PAUSE }
}

//~ begin
/// If the probe is dropped half-way, the next caller is the probe.
struct Probe<'a> {
    breaker: &'a Breaker,
}

impl Drop for Probe<'_> {
    fn drop(&mut self) {
        let mut state = self.breaker.state();
        if let State::Probing = *state {
            *state = State::Open { until: Instant::now() };
        }
    }
}
//~ starter
//~| // TODO: what happens when the caller of the probe gives up?
//~ end
