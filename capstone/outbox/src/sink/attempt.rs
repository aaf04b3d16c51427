//! What a sink knows of the attempt that a publish is.

use tokio::time::Instant;

/// Which attempt at a message this is, and how long its answer is waited for.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// From 1. What has not counted as an attempt, such as [`Unavailable`](super::SinkError::Unavailable), is not in it.
    pub number: u32,
    /// When the relay gives it up: it drops the future then, and does not learn whether the message was taken.
    pub deadline: Instant,
}

impl Attempt {
    /// The relay makes one for each publish; tests of a sink make their own.
    #[must_use]
    pub fn new(number: u32, deadline: Instant) -> Self {
        Self { number, deadline }
    }
}
