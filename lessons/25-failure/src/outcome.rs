//! One attempt, and what came of it: done, failed, or unknown.

use std::fmt::{self, Display};
use std::time::Duration;

use tokio::time::timeout;

use crate::bank::CallError;

/// What came of an attempt.
// ANCHOR: outcome
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome<T> {
    /// It has happened.
    Done(T),
    /// It has not happened: the other side has said so.
    Failed(Refusal),
    /// There was no answer. It may have happened, or may still happen.
    Unknown,
}

/// Why it has not happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The same request may succeed later.
    Transient(&'static str),
    /// The same request will never succeed.
    Permanent(&'static str),
}
// ANCHOR_END: outcome

/// Makes one attempt, and waits this long for its answer. Dropping it, or the end of the wait, stops nothing on the other side.
// ANCHOR: attempt
pub async fn attempt<T>(limit: Duration, call: impl Future<Output = Result<T, CallError>>) -> Outcome<T> {
    match timeout(limit, call).await {
        Ok(Ok(value)) => Outcome::Done(value),
        Ok(Err(CallError::Busy)) => Outcome::Failed(Refusal::Transient("busy")),
        Ok(Err(CallError::Declined)) => Outcome::Failed(Refusal::Permanent("declined")),
        // The request was sent, and that is all that is known.
        Ok(Err(CallError::ConnectionLost)) => Outcome::Unknown,
        Err(_elapsed) => Outcome::Unknown,
    }
}
// ANCHOR_END: attempt

impl<T> Display for Outcome<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Done(_) => f.write_str("paid"),
            Self::Failed(Refusal::Transient(why) | Refusal::Permanent(why)) => f.write_str(why),
            Self::Unknown => f.write_str("no answer"),
        }
    }
}
