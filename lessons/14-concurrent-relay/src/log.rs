//! A log for many tasks: one task owns the file, and the others send it their entries.

use std::io;
use std::path::Path;

use chrono::NaiveDateTime;
use tokio::fs::{File, OpenOptions};
use tokio::io::{AsyncWrite, AsyncWriteExt};
use tokio::sync::mpsc;

/// Writes a line for each entry until the last sender is dropped. Returns the underlying writer.
///
/// # Errors
/// A line could not be written. The entries in the channel are dropped, and every later send fails.
// ANCHOR: write-lines
pub async fn write_lines<W: AsyncWrite + Unpin>(
    mut entries: mpsc::Receiver<String>,
    mut out: W,
    now: impl Fn() -> NaiveDateTime,
) -> io::Result<W> {
    while let Some(entry) = entries.recv().await {
        out.write_all(line(now(), &entry).as_bytes()).await?;
        if entries.is_empty() {
            out.flush().await?; // the channel is empty: a good moment
        }
    }
    out.flush().await?;
    Ok(out)
}
// ANCHOR_END: write-lines

/// `[2026-01-15 09:00:00] payment of $12.50 processed`. A line break in the entry becomes a space.
pub fn line(now: NaiveDateTime, entry: &str) -> String {
    format!("[{}] {}\n", now.format("%Y-%m-%d %H:%M:%S"), entry.replace(['\r', '\n'], " "))
}

/// Opens a log file, or creates it. Existing contents are kept: every line is appended.
///
/// # Errors
/// The file cannot be opened; the error names it.
pub async fn open(path: &Path) -> io::Result<File> {
    let file = OpenOptions::new().create(true).append(true).open(path).await;
    file.map_err(|error| io::Error::new(error.kind(), format!("cannot open {}: {error}", path.display())))
}
