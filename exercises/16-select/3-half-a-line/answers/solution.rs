//! Exercise 16.3: a connection whose lines come in pieces, and a relay that does something else meanwhile.

use std::io;
use std::time::Duration;

use shared::Journal;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::time::interval;

/// Reads lines, byte by byte.
pub struct Lines<R> {
    io: R,
    /// What was read of the line that has not ended yet.
    begun: Vec<u8>,
}

impl<R: AsyncRead + Unpin> Lines<R> {
    pub fn new(io: R) -> Self {
        Self { io, begun: Vec::new() }
    }

    /// The next line, without its end; `None` at the end of the connection.
    ///
    /// Cancel safe: whoever drops this future half-way and calls again loses nothing.
    pub async fn next(&mut self) -> io::Result<Option<String>> {
        //~ begin
        // The bytes stay in `self` until the line is whole. Between taking them out and returning there is no await.
        loop {
            let mut byte = [0];
            if self.io.read(&mut byte).await? == 0 {
                return Ok(None);
            }
            if byte == *b"\n" {
                let line = std::mem::take(&mut self.begun);
                return Ok(Some(String::from_utf8_lossy(&line).into_owned()));
            }
            self.begun.extend(byte);
        }
        //~ starter
        //~| // TODO: where are the bytes of a line that has begun, when this future is dropped?
        //~| let mut line = Vec::new();
        //~| loop {
        //~|     let mut byte = [0];
        //~|     if self.io.read(&mut byte).await? == 0 {
        //~|         return Ok(None);
        //~|     }
        //~|     if byte == *b"\n" {
        //~|         return Ok(Some(String::from_utf8_lossy(&line).into_owned()));
        //~|     }
        //~|     line.extend(byte);
        //~| }
        //~ end
    }
}

/// Notes every line, and a beat every 50 ms. Do not change it.
pub async fn listen(io: impl AsyncRead + Unpin, journal: Journal) -> io::Result<()> {
    let (mut lines, mut beat) = (Lines::new(io), interval(Duration::from_millis(50)));
    loop {
        tokio::select! {
            _ = beat.tick() => journal.log("listener", "beat"),
            line = lines.next() => match line? {
                Some(line) => journal.log("listener", format_args!("line \"{line}\"")),
                None => return Ok(()),
            },
        }
    }
}
