//! Writes messages to standard output, one line of JSON each.

use std::io::{ErrorKind, Write, stdout};

use super::lines::{Lines, Target};
use super::{Attempt, Sink, SinkError};
use crate::message::Envelope;

/// Acknowledged when the operating system has taken the line: the reader of a pipe may still lose it.
pub struct StdoutSink {
    lines: Lines,
}

impl StdoutSink {
    /// Starts the writing thread.
    ///
    /// # Errors
    /// The thread cannot be started.
    pub fn new() -> std::io::Result<Self> {
        Lines::spawn("sink-stdout", Stdout).map(|lines| Self { lines })
    }
}

impl Sink for StdoutSink {
    /// # Cancel safety
    /// A dropped publish may still be written.
    async fn publish(&self, message: &Envelope, _attempt: Attempt) -> Result<(), SinkError> {
        self.lines.write(message).await
    }
}

struct Stdout;

impl Target for Stdout {
    /// A pipe cannot be rewound: an error ends the sink, since part of a line may be out.
    fn write(&mut self, lines: &[u8]) -> Result<(), SinkError> {
        let mut out = stdout().lock();
        out.write_all(lines).and_then(|()| out.flush()).map_err(|error| match error.kind() {
            ErrorKind::BrokenPipe => SinkError::Closed("nobody reads standard output any more".into()),
            _ => SinkError::Closed(format!("standard output: {error}")),
        })
    }
}
