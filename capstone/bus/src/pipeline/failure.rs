//! [`Failure`]: what a handler has failed on for good, in the words of its dead letter.

use std::fmt;
use std::time::SystemTime;

use crate::base::caught;
use crate::pipeline::outcome::Outcome;

/// In which way a handler failed; `Display` is what the header `dlq-kind` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FailureKind {
    /// By an error, and all attempts are used up: `retryable`.
    Retryable,
    /// By an error that no further attempt can mend: `permanent`.
    Permanent,
    /// By a panic: `panic`.
    Panic,
    /// It ran out of time: `timeout`.
    Timeout,
    /// It was stopped while it ran, or before it was called: `cut-off`.
    CutOff,
}

impl FailureKind {
    /// Absent for what is no failure.
    fn of(outcome: &Outcome) -> Option<Self> {
        match outcome {
            Outcome::Err(error) if error.is_permanent() => Some(Self::Permanent),
            Outcome::Err(_) => Some(Self::Retryable),
            Outcome::Panicked(_) => Some(Self::Panic),
            Outcome::TimedOut => Some(Self::Timeout),
            Outcome::CutOff => Some(Self::CutOff),
            Outcome::Ok | Outcome::Skipped(_) => None,
        }
    }
}

impl fmt::Display for FailureKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Retryable => "retryable",
            Self::Permanent => "permanent",
            Self::Panic => "panic",
            Self::Timeout => "timeout",
            Self::CutOff => "cut-off",
        })
    }
}

/// Why, how often and when a handler failed.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    pub(crate) kind: FailureKind,
    /// The last outcome in words.
    pub(crate) reason: String,
    /// How often the handler was called.
    pub(crate) attempts: u32,
    pub(crate) first_at: SystemTime,
    pub(crate) last_at: SystemTime,
}

impl Failure {
    /// Absent for what is no failure.
    pub(crate) fn of(outcome: &Outcome, attempts: u32, [first_at, last_at]: [SystemTime; 2]) -> Option<Self> {
        let kind = FailureKind::of(outcome)?;
        let reason = match outcome {
            // With its sources.
            Outcome::Err(error) => caught::shown(error),
            _ => caught::shown(outcome),
        };
        Some(Self { kind, reason, attempts, first_at, last_at })
    }
}
