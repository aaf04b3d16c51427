//! Appends messages to a file, one line of JSON each, synced before they are acknowledged.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::lines::{Lines, Target};
use super::{Attempt, Sink, SinkError};
use crate::failpoint::{self, Point};
use crate::message::Envelope;

/// Acknowledged after one `fsync` for all lines that waited together.
///
/// A last line that a crash left torn is cut off on opening: its message was not acknowledged and comes again.
pub struct FileSink {
    lines: Lines,
}

impl FileSink {
    /// Opens the file, or creates it.
    ///
    /// # Errors
    /// It cannot be written, another process writes to it, or it ends in something that is no line of ours.
    pub fn open(path: impl AsRef<Path>) -> io::Result<Self> {
        let path = path.as_ref();
        let mut file = OpenOptions::new().read(true).append(true).create(true).open(path)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(io::Error::other("another process writes to it")),
            Err(TryLockError::Error(error)) => return Err(error),
        }
        // A device or a pipe has no length to go back to.
        let whole = if file.metadata()?.is_file() { Some(cut_torn_line(&mut file)?) } else { None };
        let target = Appended { path: path.to_owned(), file, whole, is_torn: false };
        Ok(Self { lines: Lines::spawn("sink-file", target)? })
    }
}

impl Sink for FileSink {
    /// # Cancel safety
    /// A dropped publish may still be written.
    async fn publish(&self, message: &Envelope, _attempt: Attempt) -> Result<(), SinkError> {
        self.lines.write(message).await
    }
}

struct Appended {
    path: PathBuf,
    file: File,
    /// Length up to the end of the last line that was acknowledged.
    whole: Option<u64>,
    /// A write failed and what it left has not been cut off yet.
    is_torn: bool,
}

impl Target for Appended {
    fn write(&mut self, lines: &[u8]) -> Result<(), SinkError> {
        let outcome = self.append(lines);
        if outcome.is_err() {
            self.is_torn = true;
        }
        outcome.map_err(|error| SinkError::Unavailable(format!("{}: {error}", self.path.display())))
    }
}

impl Appended {
    // ANCHOR: append
    fn append(&mut self, lines: &[u8]) -> io::Result<()> {
        if let Some(whole) = self.whole.filter(|_| self.is_torn) {
            self.file.set_len(whole)?;
        }
        self.is_torn = false;
        failpoint::pass(Point::FileBeforeWrite);
        write_parts(&mut self.file, lines)?;
        failpoint::pass(Point::FileWritten);
        if let Some(whole) = &mut self.whole {
            self.file.sync_data()?;
            failpoint::pass(Point::FileSynced);
            *whole += lines.len() as u64;
        }
        Ok(())
    }
    // ANCHOR_END: append
}

/// One write, except where a test wants the process to end between two.
fn write_parts(file: &mut File, lines: &[u8]) -> io::Result<()> {
    let (begin, end) = lines.split_at(if cfg!(feature = "failpoints") { lines.len() / 2 } else { 0 });
    file.write_all(begin)?;
    failpoint::pass(Point::FileTorn);
    file.write_all(end)
}

/// Cuts the file after its last line break and returns its length.
fn cut_torn_line(file: &mut File) -> io::Result<u64> {
    let length = file.metadata()?.len();
    let mut end = length;
    let mut block = vec![0; 64 * 1024];
    while end > 0 {
        let start = end.saturating_sub(block.len() as u64);
        let size = usize::try_from(end - start).expect("at most a block");
        file.seek(SeekFrom::Start(start))?;
        file.read_exact(&mut block[..size])?;
        if let Some(position) = block[..size].iter().rposition(|&byte| byte == b'\n') {
            end = start + position as u64 + 1;
            break;
        }
        end = start;
    }
    if end < length {
        refuse_unless_ours(file, end)?;
        file.set_len(end)?;
        file.sync_data()?;
    }
    Ok(end)
}

/// Only what this sink has begun to write is cut off: a mistyped path must not cost anybody a file.
fn refuse_unless_ours(file: &mut File, end: u64) -> io::Result<()> {
    const BEGINNING: &[u8] = b"{\"id\":\"";
    file.seek(SeekFrom::Start(end))?;
    let mut torn = Vec::new();
    file.take(BEGINNING.len() as u64).read_to_end(&mut torn)?;
    if BEGINNING.starts_with(&torn) {
        return Ok(());
    }
    Err(io::Error::other("its last line has no end and is not a message: not writing behind it"))
}
