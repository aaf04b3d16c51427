//! Exercise 16.3: a connection whose lines arrive in pieces, and a listener that does something else meanwhile.

use std::io;
use std::time::Duration;

use shared::Journal;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::time::interval;

/// Reads lines.
pub struct Lines<R> {
    io: R,
    /// The bytes of the line that has begun.
    begun: Vec<u8>,
}

impl<R: AsyncRead + Unpin> Lines<R> {
    pub fn new(io: R) -> Self {
        Self { io, begun: Vec::new() }
    }

    /// The next line, without its `\n`; `None` at the end of the connection.
    ///
    /// Cancel safe: a caller that drops this future half-way and calls again loses nothing.
    pub async fn next(&mut self) -> io::Result<Option<String>> {
        // TODO: where are the bytes of a line that has begun, when this future is dropped?
        let mut line = Vec::new();
        loop {
            let mut byte = [0];
            if self.io.read(&mut byte).await? == 0 {
                return Ok(None);
            }
            if byte == *b"\n" {
                return Ok(Some(String::from_utf8_lossy(&line).into_owned()));
            }
            line.extend(byte);
        }
    }
}

/// Logs each line, and a heartbeat every 50 ms. Do not change it.
pub async fn listen(io: impl AsyncRead + Unpin, journal: Journal) -> io::Result<()> {
    let (mut lines, mut heartbeat) = (Lines::new(io), interval(Duration::from_millis(50)));
    loop {
        tokio::select! {
            _ = heartbeat.tick() => journal.log("listener", "heartbeat"),
            line = lines.next() => match line? {
                Some(line) => journal.log("listener", format_args!("reads \"{line}\"")),
                None => return Ok(()),
            },
        }
    }
}
