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
    // TODO: one more state
}

impl Breaker {
    /// A closed breaker.
    #[expect(clippy::new_without_default, reason = "a breaker is created on purpose, not by default")]
    pub fn new() -> Self {
        Self { state: Mutex::new(State::Closed) }
    }

    /// Makes the attempt, unless the breaker refuses it. It may be dropped at any time.
    pub async fn call(&self, attempt: impl Future<Output = Result<(), NoAnswer>>) -> Called {
        // TODO: after the pause everybody goes through. Let one call through, the probe, and refuse the others until it has ended.
        if let State::Open { until } = &*self.state()
            && Instant::now() < *until
        {
            return Called::Refused;
        }
        let result = attempt.await;
        *self.state() = if result.is_ok() { State::Closed } else { open() };
        Called::Through(result)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nothing panics under this lock")
    }
}

fn open() -> State {
    State::Open { until: Instant::now() + PAUSE }
}

// TODO: what happens when the caller of the probe gives up?
