//! [`Outcome`]: how a handler ended.

use std::any::Any;
use std::fmt;

use crate::base::caught;
use crate::pipeline::error::HandlerError;

/// How a handler ended.
#[derive(Debug)]
#[non_exhaustive]
pub enum Outcome {
    /// It returned, and `Ok` if it is fallible.
    Ok,
    /// It returned an error, or a limit refused the call with a [`LimitError`].
    Err(HandlerError),
    /// It panicked, with this message: when it was called, or when its future was dropped. Nothing else is affected.
    Panicked(String),
    /// It did not end in time, and was dropped at the `await` where it was.
    TimedOut,
    /// It was stopped, and dropped at the `await` where it was. Handlers of events are not.
    CutOff,
    /// It was not called.
    Skipped(Skip),
}

impl Outcome {
    /// Whether it is `Ok`.
    pub fn is_ok(&self) -> bool {
        matches!(self, Self::Ok)
    }

    /// Whether it is neither `Ok` nor `Skipped`.
    pub fn is_failure(&self) -> bool {
        !matches!(self, Self::Ok | Self::Skipped(_))
    }

    pub(crate) fn panicked(payload: Box<dyn Any + Send>) -> Self {
        Self::Panicked(caught::text(payload))
    }
}

/// Without the sources of an error, because the error of an emission, which quotes this, has them for its own.
impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ok => write!(f, "ok"),
            Self::Err(error) => write!(f, "{}", error.source()),
            Self::Panicked(text) => write!(f, "panicked: {text}"),
            Self::TimedOut => write!(f, "timed out"),
            Self::CutOff => write!(f, "the handler was stopped while it ran"),
            Self::Skipped(skip) => write!(f, "skipped: {skip}"),
        }
    }
}

/// Why a handler was not called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Skip {
    /// Its filter does not want the event.
    Filtered,
    /// Its rate was used up, and it drops what exceeds it.
    RateLimited,
    /// A handler of a higher class failed, and the strategy is to stop then.
    Stopped,
    /// Its registration was cancelled after the emission had begun.
    Cancelled,
    /// The event was refused as a whole.
    Refused,
}

impl fmt::Display for Skip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Filtered => "filtered",
            Self::RateLimited => "rate limited",
            Self::Stopped => "a handler before it failed",
            Self::Cancelled => "its registration was cancelled",
            Self::Refused => "the event was refused",
        })
    }
}

/// A limit of the handler refused the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LimitError {
    /// As many emissions as may wait for this handler are waiting.
    #[error("too many emissions wait for the handler")]
    Busy,
    /// Its rate is used up, and it refuses what exceeds it.
    #[error("the rate of the handler is used up")]
    RateLimited,
}
