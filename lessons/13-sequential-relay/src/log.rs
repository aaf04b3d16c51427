//! The log: a line for each outcome, `[2026-01-15 09:00:00] payment of $12.50 processed`. It is written before
//! [`Log::append`] returns; whether the disk has it after a power cut is another question, which `sync_all` answers.

use std::io;
use std::path::Path;

use chrono::{Local, NaiveDateTime};
use tokio::fs::{File, OpenOptions};
use tokio::io::{AsyncWrite, AsyncWriteExt};

/// Writes lines to `W`: to a file for real, to memory in a test.
pub struct Log<W> {
    out: W,
    /// The time of day is a parameter, so that a test decides it: the paused clock does not move chrono's.
    now: Box<dyn Fn() -> NaiveDateTime + Send>,
}

// ANCHOR: open
impl Log<File> {
    /// Opens the file, or creates it. What it holds already stays: every line goes to its end.
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

    /// Writes one line, and returns when it is written. A line break in the entry becomes a space.
    ///
    /// Not cancel safe: a dropped `append` may have written a part of its line.
    ///
    /// # Errors
    /// The line, or a part of it, could not be written.
    // ANCHOR: append
    pub async fn append(&mut self, entry: &str) -> io::Result<()> {
        let entry = entry.replace(['\r', '\n'], " "); // an entry is a line, whatever a file is called
        let line = format!("[{}] {entry}\n", (self.now)().format("%Y-%m-%d %H:%M:%S"));
        self.out.write_all(line.as_bytes()).await?;
        self.out.flush().await // `write_all` alone may return before the file has it
    }
    // ANCHOR_END: append

    /// What it wrote to.
    pub fn into_inner(self) -> W {
        self.out
    }
}
