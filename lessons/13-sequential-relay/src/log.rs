//! The log: a line for each outcome, `[2026-01-15 09:00:00] payment of $12.50 processed`. The line has been written when
//! [`Log::append`] returns; surviving a power cut takes `sync_all` as well.

use std::io;
use std::path::Path;

use chrono::{Local, NaiveDateTime};
use tokio::fs::{File, OpenOptions};
use tokio::io::{AsyncWrite, AsyncWriteExt};

/// Writes lines to `W`: a file in production, memory in a test.
pub struct Log<W> {
    out: W,
    /// The time of day is a parameter, so that a test can set it: Tokio's paused clock does not affect chrono.
    now: Box<dyn Fn() -> NaiveDateTime + Send>,
}

// ANCHOR: open
impl Log<File> {
    /// Opens the file, or creates it. Existing contents are kept: every line is appended.
    ///
    /// # Errors
    /// The file cannot be opened; the error names it.
    pub async fn open(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().create(true).append(true).open(path).await;
        let file = file.map_err(|error| {
            io::Error::new(error.kind(), format!("cannot open {}: {error}", path.display()))
        })?;
        Ok(Self::new(file, || Local::now().naive_local()))
    }
}
// ANCHOR_END: open

impl<W: AsyncWrite + Unpin> Log<W> {
    /// Stamps lines with what `now` returns.
    pub fn new(out: W, now: impl Fn() -> NaiveDateTime + Send + 'static) -> Self {
        Self { out, now: Box::new(now) }
    }

    /// Writes one line, and returns once it has been written. A line break in the entry becomes a space.
    ///
    /// Not cancel safe: if `append` is dropped before it completes, part of the line may have been written.
    ///
    /// # Errors
    /// The line, or part of it, could not be written.
    // ANCHOR: append
    pub async fn append(&mut self, entry: &str) -> io::Result<()> {
        let entry = entry.replace(['\r', '\n'], " "); // one entry is one line, whatever a file is called
        let line = format!("[{}] {entry}\n", (self.now)().format("%Y-%m-%d %H:%M:%S"));
        self.out.write_all(line.as_bytes()).await?;
        self.out.flush().await // `write_all` alone may return before the file has been written
    }
    // ANCHOR_END: append

    /// Returns the underlying writer.
    pub fn into_inner(self) -> W {
        self.out
    }
}
