//! Frames from a connection: a byte with the length, then the text. They come in pieces, and no piece is lost.

use std::io;
use std::time::Duration;

use shared::Journal;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::time::interval;

/// Reads frames. What was read of the next one is kept here, and not in the future that reads.
// ANCHOR: frames
pub struct Frames<R> {
    io: R,
    unread: Vec<u8>,
}

impl<R: AsyncRead + Unpin> Frames<R> {
    /// The next frame, or `None` at the end.
    ///
    /// Cancel safe: `read_buf` is, and what it has read is in `unread` before anything else is awaited.
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

    /// A whole frame, if there is one.
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
    /// Reads from there.
    pub fn new(io: R) -> Self {
        Self { io, unread: Vec::new() }
    }
}

/// Reads all frames, and beats every 50 ms meanwhile.
///
/// # Errors
/// The connection ends within a frame.
pub async fn listen(io: impl AsyncRead + Unpin, journal: &Journal) -> io::Result<()> {
    let (mut frames, mut beat) = (Frames::new(io), interval(Duration::from_millis(50)));
    loop {
        // Both are cancel safe: see `next`.
        tokio::select! {
            _ = beat.tick() => journal.log("listener", "beat"),
            frame = frames.next() => match frame? {
                Some(frame) => journal.log("listener", format_args!("got \"{frame}\"")),
                None => return Ok(()),
            },
        }
    }
}

/// Two frames, "order 1" and "order 2". The first comes in two pieces, the second of them after 80 ms.
// ANCHOR: in-pieces
pub fn in_pieces() -> tokio_test::io::Mock {
    tokio_test::io::Builder::new()
        .read(b"\x07ord")
        .wait(Duration::from_millis(80))
        .read(b"er 1\x07order 2")
        .build()
}
// ANCHOR_END: in-pieces
