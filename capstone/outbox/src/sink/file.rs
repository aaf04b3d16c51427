//! Appends messages to a file, one line of JSON each, synced before they are acknowledged.

use std::fs::{self, File, Metadata, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::lines::{Lines, Target};
use super::{Attempt, Sink, SinkError};
use crate::failpoint::{self, Point};
use crate::message::Envelope;

/// Each time the lines are synced, and the file turns out to have been replaced meanwhile. Whoever rotates it does so once a
/// day, and not once a write.
const TRIES_MAX: usize = 10;

/// Acknowledged after one `fsync` for all lines that waited together, if the path still leads to the file that has them.
///
/// A last line that a crash left torn is cut off on opening: its message was not acknowledged and comes again. While the disk is full,
/// or the path leads to no file that can be written, the sink is [`Unavailable`](SinkError::Unavailable).
///
/// # Rotation
/// The file may be renamed, removed or cut while the sink is open, and needs no signal: the sink goes on at the same path, in a
/// new file unless somebody has made one. A rule for `logrotate`:
///
/// ```text
/// /var/lib/shop/out.ndjson {
///     daily
///     rotate 7
///     create
///     compress
///     delaycompress
/// }
/// ```
///
/// What the sink was writing in the moment of the rename is written again to the new file and acknowledged there; the old file may
/// have it too. Without `delaycompress` the compressed file may end in half a line, which the new file has as a whole.
///
/// `copytruncate` works, but `logrotate` itself loses what is written between its copy and its cut, which the sink cannot know.
pub struct FileSink {
    lines: Lines,
}

impl FileSink {
    /// Opens the file, or creates it.
    ///
    /// # Errors
    /// It cannot be written, is no regular file, has another process that writes to it, or ends in something that is no line
    /// of ours. For a pipe or a terminal there is [`StdoutSink`](super::StdoutSink).
    pub fn open(path: impl AsRef<Path>) -> io::Result<Self> {
        let path = path.as_ref();
        let file = open(path).map_err(|error| io::Error::new(error.kind(), named(path, &error)))?;
        let target = Appended { path: path.to_owned(), file, unanswered: 0 };
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
    /// Bytes at the end of the file that are written and not acknowledged. Its length is not remembered: others may cut it.
    unanswered: u64,
}

impl Target for Appended {
    fn write(&mut self, lines: &[u8]) -> Result<(), SinkError> {
        let outcome = self.append(lines);
        if outcome.is_err() {
            // If even that fails, it is done before the next write.
            drop(self.cut());
        }
        outcome.map_err(|error| SinkError::Unavailable(named(&self.path, &error)))
    }
}

impl Appended {
    // ANCHOR: append
    fn append(&mut self, lines: &[u8]) -> io::Result<()> {
        for _ in 0..TRIES_MAX {
            self.follow()?;
            self.cut()?;
            failpoint::pass(Point::FileBeforeWrite);
            self.write_parts(lines)?;
            failpoint::pass(Point::FileWritten);
            self.file.sync_data()?;
            failpoint::pass(Point::FileSynced);
            if self.is_current()? != Some(false) {
                self.unanswered = 0;
                return Ok(());
            }
        }
        Err(io::Error::other("is replaced as often as it is written"))
    }
    // ANCHOR_END: append

    /// One write, except where a test wants the process to end between two.
    fn write_parts(&mut self, lines: &[u8]) -> io::Result<()> {
        let (begin, end) = lines.split_at(if cfg!(feature = "failpoints") { lines.len() / 2 } else { 0 });
        self.write_all(begin)?;
        failpoint::pass(Point::FileTorn);
        self.write_all(end)
    }

    fn write_all(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            match self.file.write(bytes) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(written) => {
                    self.unanswered += written as u64;
                    bytes = &bytes[written..];
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Takes back what is not acknowledged.
    fn cut(&mut self) -> io::Result<()> {
        if self.unanswered > 0 {
            let length = self.file.metadata()?.len();
            self.file.set_len(length.saturating_sub(self.unanswered))?;
            self.unanswered = 0;
        }
        Ok(())
    }

    /// Opens what the path leads to, unless it is open. What was left in the file before stays there: somebody may be
    /// reading it already.
    fn follow(&mut self) -> io::Result<()> {
        match self.is_current()? {
            Some(true) => return Ok(()),
            Some(false) => {}
            // It may be the same file, and a lock is not given twice.
            None => self.file.unlock()?,
        }
        self.file = open(&self.path)?;
        self.unanswered = 0;
        Ok(())
    }

    /// Whether the path leads to the open file. `None` where that cannot be known.
    fn is_current(&self) -> io::Result<Option<bool>> {
        match fs::metadata(&self.path) {
            Ok(found) => Ok(is_same(&found, &self.file.metadata()?)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Some(false)),
            Err(error) => Err(error),
        }
    }
}

#[cfg(unix)]
fn is_same(one: &Metadata, other: &Metadata) -> Option<bool> {
    use std::os::unix::fs::MetadataExt;
    Some((one.dev(), one.ino()) == (other.dev(), other.ino()))
}

#[cfg(not(unix))]
fn is_same(_one: &Metadata, _other: &Metadata) -> Option<bool> {
    None
}

fn open(path: &Path) -> io::Result<File> {
    // Before it is opened: with a device, that alone may do something.
    match fs::metadata(path) {
        Ok(found) if !found.is_file() => {
            return Err(io::Error::other(format!(
                "is {}, not a regular file; for a pipe or a terminal there is the sink stdout",
                kind(&found)
            )));
        }
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new().read(true).append(true).create(true).open(path)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Err(io::Error::other("another process writes to it")),
        Err(TryLockError::Error(error)) => return Err(error),
    }
    cut_torn_line(&mut file)?;
    Ok(file)
}

fn named(path: &Path, error: &io::Error) -> String {
    format!("{}: {error}", path.display())
}

#[cfg(unix)]
fn kind(found: &Metadata) -> &'static str {
    use std::os::unix::fs::FileTypeExt;
    match found.file_type() {
        kind if kind.is_dir() => "a directory",
        kind if kind.is_fifo() => "a pipe",
        kind if kind.is_socket() => "a socket",
        _ => "a device",
    }
}

#[cfg(not(unix))]
fn kind(found: &Metadata) -> &'static str {
    if found.is_dir() { "a directory" } else { "a device" }
}

/// Cuts the file after its last line break.
fn cut_torn_line(file: &mut File) -> io::Result<()> {
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
    Ok(())
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
