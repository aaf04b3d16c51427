//! Frames on a connection: a length byte, then the text. They arrive in pieces, and no piece is lost.

use std::io;
use std::time::Duration;

use shared::Journal;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::time::interval;

/// Reads frames. The bytes of an unfinished frame are kept here, not in the future that reads.
// ANCHOR: frames
pub struct Frames<R> {
    io: R,
    unread: Vec<u8>,
}

impl<R: AsyncRead + Unpin> Frames<R> {
    /// The next frame, or `None` at the end.
    ///
    /// Cancel safe: `read_buf` is, and what it reads is in `unread` before anything else is awaited.
    pub async fn next(&mut self) -> io::Result<Option<String>> {
        loop {
            if let Some(frame) = self.take_frame() {
                return Ok(Some(frame));
            }
            if self.io.read_buf(&mut self.unread).await? == 0 {
                return if self.unread.is_empty() {
                    Ok(None)
                } else {
                    Err(io::ErrorKind::UnexpectedEof.into())
                };
            }
        }
    }

    /// Takes the first frame out of `unread`, if all of it has arrived.
    fn take_frame(&mut self) -> Option<String> {
        let length = usize::from(*self.unread.first()?);
        let text = self.unread.get(1..=length)?;
        let frame = String::from_utf8_lossy(text).into_owned();
        self.unread.drain(..=length);
        Some(frame)
    }
}
// ANCHOR_END: frames

impl<R> Frames<R> {
    /// Reads from `io`.
    pub fn new(io: R) -> Self {
        Self { io, unread: Vec::new() }
    }
}

/// Reads all frames, and logs a heartbeat every 50 ms meanwhile.
///
/// # Errors
/// Reading fails, or the connection ends in the middle of a frame.
pub async fn listen(io: impl AsyncRead + Unpin, journal: &Journal) -> io::Result<()> {
    let (mut frames, mut heartbeat) = (Frames::new(io), interval(Duration::from_millis(50)));
    loop {
        // Both are cancel safe: see `next`.
        tokio::select! {
            _ = heartbeat.tick() => journal.log("listener", "heartbeat"),
            frame = frames.next() => match frame? {
                Some(frame) => journal.log("listener", format_args!("reads \"{frame}\"")),
                None => return Ok(()),
            },
        }
    }
}

/// Two frames, "order 1" and "order 2". The first arrives in two pieces, 80 ms apart.
// ANCHOR: in-pieces
pub fn in_pieces() -> tokio_test::io::Mock {
    tokio_test::io::Builder::new()
        .read(b"\x07ord")
        .wait(Duration::from_millis(80))
        .read(b"er 1\x07order 2")
        .build()
}
// ANCHOR_END: in-pieces
