//! `capstone enqueue`: lines of JSON become messages, all of a file or none.

#[cfg(feature = "postgres")]
mod postgres;

use std::convert::Infallible;
use std::fmt;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, Write};

use anyhow::Context;
use capstone_outbox::json::{self, LineError};
use capstone_outbox::sqlite::{self, EnqueueError, Enqueued, SqliteStore, TransactionError};
use capstone_outbox::{Message, MessageId};
use indicatif::ProgressBar;
use rusqlite::Savepoint;
use thiserror::Error;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::cli;
use crate::database::Database;
use crate::{Exit, progress};

/// Longest line. One that never ends must not fill the memory.
const LINE_BYTES_MAX: u64 = 32 * 1024 * 1024;

/// Lines of `--per-line` that share a transaction, and that are read ahead.
const AT_ONCE: usize = 256;

/// Runs the command.
///
/// # Errors
/// The first bad line, by file, line and field; or the database, or the file.
pub async fn run(options: cli::Enqueue) -> anyhow::Result<Exit> {
    let bar = progress::counter("enqueued");
    let acknowledge = options.acknowledge.then(io::stdout);
    let outcome = match &options.db {
        Database::Sqlite(path) if options.per_line => {
            per_line(&SqliteStore::open(path)?, &options.file, acknowledge, &bar).await
        }
        Database::Sqlite(path) => all_or_nothing(&SqliteStore::open(path)?, &options.file, &bar).await,
        #[cfg(feature = "postgres")]
        Database::Postgres(target) if options.per_line => {
            postgres::per_line(target, &options.file, acknowledge, &bar).await
        }
        #[cfg(feature = "postgres")]
        Database::Postgres(target) => postgres::all_or_nothing(target, &options.file, &bar).await,
    };
    bar.finish_and_clear();
    say!("{}", outcome?);
    Ok(Exit::Done)
}

/// One transaction: holds the database's write lock while it reads, so it reads from a file, never from a pipe
/// that may stall.
async fn all_or_nothing(store: &SqliteStore, name: &str, bar: &ProgressBar) -> anyhow::Result<Tally> {
    let lines = Lines::new(name, open_file(name)?);
    let bar = bar.clone();
    let enqueue_all = store.transaction(move |tx| {
        let mut tally = Tally::default();
        for line in lines {
            let (place, message) = line?;
            let enqueued = sqlite::enqueue(tx, &message).map_err(|error| place.failure(error.into()))?;
            tally.add(enqueued);
            bar.inc(1);
        }
        Ok::<_, LineFailure>(tally)
    });
    enqueue_all.await.map_err(|error| match error {
        TransactionError::RolledBack(failure) => anyhow::Error::new(failure).context("nothing was enqueued"),
        error => error.into(),
    })
}

/// Lines that have arrived together share a transaction. What comes before a line that cannot be enqueued is committed, and nothing
/// behind it.
async fn per_line(
    store: &SqliteStore,
    name: &str,
    acknowledge: Option<io::Stdout>,
    bar: &ProgressBar,
) -> anyhow::Result<Tally> {
    let (reading, mut receiver) = read_ahead(name)?;
    let mut done = Done { tally: Tally::default(), acknowledge, bar };
    let mut lines = Vec::new();
    while receiver.recv_many(&mut lines, AT_ONCE).await > 0 {
        let first = lines.first().and_then(|line| line.as_ref().ok()).map(|(place, _)| place.clone());
        let lines = std::mem::take(&mut lines);
        let outcome = store.transaction(move |tx| Ok::<_, Infallible>(enqueue_each(tx, lines))).await;
        let outcome = outcome.with_context(|| first.map_or_else(String::new, |place| place.to_string()));
        let (committed, failure) = outcome.with_context(|| done.stopped())?;
        done.add(&committed)?;
        if let Some(failure) = failure {
            return Err(failure).with_context(|| done.stopped());
        }
    }
    reading.await?;
    Ok(done.tally)
}

/// Up to the first line that cannot be enqueued.
fn enqueue_each(
    tx: &Savepoint<'_>,
    lines: Vec<ReadLine>,
) -> (Vec<(MessageId, Enqueued)>, Option<LineFailure>) {
    let mut enqueued = Vec::with_capacity(lines.len());
    for line in lines {
        let one = line.and_then(|(place, message)| {
            let one = sqlite::enqueue(tx, &message).map_err(|error| place.failure(error.into()))?;
            Ok((message.id(), one))
        });
        match one {
            Ok(one) => enqueued.push(one),
            Err(failure) => return (enqueued, Some(failure)),
        }
    }
    (enqueued, None)
}

/// What `--per-line` has committed, and whom it tells.
struct Done<'a> {
    tally: Tally,
    acknowledge: Option<io::Stdout>,
    bar: &'a ProgressBar,
}

impl Done<'_> {
    /// Counts all of them, then tells of them: somebody may not want to hear it any more.
    fn add(&mut self, committed: &[(MessageId, Enqueued)]) -> anyhow::Result<()> {
        for (_, enqueued) in committed {
            self.tally.add(*enqueued);
            self.bar.inc(1);
        }
        let Some(stdout) = &mut self.acknowledge else { return Ok(()) };
        let told = committed.iter().try_for_each(|(id, _)| writeln!(stdout, "{id}"));
        told.context("standard output").with_context(|| self.stopped())
    }

    fn stopped(&self) -> String {
        format!("{}, then stopped", self.tally)
    }
}

/// A line that was read, or the reason why there are no more.
type ReadLine = Result<(Place, Message), LineFailure>;

/// The lines as they arrive. Reading may block for as long as a pipe is silent, so not on a worker of the runtime.
fn read_ahead(name: &str) -> anyhow::Result<(JoinHandle<()>, mpsc::Receiver<ReadLine>)> {
    let reader: Box<dyn Read + Send> =
        if name == "-" { Box::new(io::stdin()) } else { Box::new(open_file(name)?) };
    Ok(send_lines(Lines::new(name, reader)))
}

fn send_lines<R: Read + Send + 'static>(mut lines: Lines<R>) -> (JoinHandle<()>, mpsc::Receiver<ReadLine>) {
    let (sender, receiver) = mpsc::channel(AT_ONCE);
    let reading = tokio::task::spawn_blocking(move || {
        let mut is_good = true;
        while is_good && let Some(line) = lines.next() {
            is_good = line.is_ok();
            // Nobody receives any more once a line has failed.
            is_good &= sender.blocking_send(line).is_ok();
        }
    });
    (reading, receiver)
}

/// A regular file as it is; anything that may stall is first copied into a temporary one.
fn open_file(name: &str) -> anyhow::Result<File> {
    let mut source: Box<dyn Read> = if name == "-" {
        Box::new(io::stdin())
    } else {
        let file = File::open(name).with_context(|| name.to_owned())?;
        let metadata = file.metadata().with_context(|| name.to_owned())?;
        if metadata.is_file() {
            return Ok(file);
        }
        Box::new(file)
    };
    let mut spool = tempfile::tempfile().context("a temporary file")?;
    io::copy(&mut source, &mut spool).with_context(|| name.to_owned())?;
    spool.rewind()?;
    Ok(spool)
}

/// What became of the lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Tally {
    new: u64,
    skipped: u64,
}

impl Tally {
    fn add(&mut self, enqueued: Enqueued) {
        match enqueued {
            Enqueued::New(_) => self.new += 1,
            Enqueued::Skipped => self.skipped += 1,
        }
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "enqueued {}", self.new)?;
        if self.skipped > 0 {
            write!(f, ", skipped {}: their ids are pending, held or dead already", self.skipped)?;
        }
        Ok(())
    }
}

/// Where a line stands, for errors.
#[derive(Clone, Debug)]
struct Place {
    file: String,
    line: u64,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, line {}", self.file, self.line)
    }
}

/// A line that could not be enqueued.
#[derive(Debug, Error)]
#[error("{place}: {reason}")]
struct LineFailure {
    place: Place,
    reason: Reason,
}

#[derive(Debug, Error)]
enum Reason {
    #[error(transparent)]
    Read(#[from] io::Error),
    #[error("not UTF-8")]
    NotUtf8,
    #[error("longer than {LINE_BYTES_MAX} bytes")]
    TooLong,
    #[error(transparent)]
    Line(#[from] LineError),
    #[error(transparent)]
    Enqueue(#[from] EnqueueError),
    #[cfg(feature = "postgres")]
    #[error(transparent)]
    EnqueuePostgres(#[from] capstone_outbox::postgres::EnqueueError),
    /// The server's answer may have been lost with the connection.
    #[cfg(feature = "postgres")]
    #[error("{0}; look whether this one line was committed")]
    Commit(tokio_postgres::Error),
}

impl Place {
    fn failure(&self, reason: Reason) -> LineFailure {
        LineFailure { place: self.clone(), reason }
    }
}

/// The messages of a file, with their places. Blank lines are passed over.
struct Lines<R> {
    place: Place,
    reader: BufReader<R>,
}

impl<R: Read> Lines<R> {
    fn new(name: &str, reader: R) -> Self {
        let file = if name == "-" { "standard input" } else { name }.to_owned();
        Self { place: Place { file, line: 0 }, reader: BufReader::new(reader) }
    }

    /// The next line's text; empty at the end.
    fn read_line(&mut self) -> Result<String, Reason> {
        let mut bytes = Vec::new();
        (&mut self.reader).take(LINE_BYTES_MAX).read_until(b'\n', &mut bytes)?;
        if bytes.len() as u64 == LINE_BYTES_MAX {
            return Err(Reason::TooLong);
        }
        let mut line = String::from_utf8(bytes).map_err(|_| Reason::NotUtf8)?;
        // Some programs begin a file with a mark that says so.
        if self.place.line == 1 && line.starts_with('\u{feff}') {
            line.remove(0);
        }
        Ok(line)
    }
}

impl<R: Read> Iterator for Lines<R> {
    type Item = Result<(Place, Message), LineFailure>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            self.place.line += 1;
            let message = match self.read_line() {
                Ok(line) if line.is_empty() => return None,
                Ok(line) if line.trim().is_empty() => continue,
                Ok(line) => json::parse(&line).map_err(Reason::from),
                Err(reason) => Err(reason),
            };
            let place = self.place.clone();
            return Some(match message {
                Ok(message) => Ok((place, message)),
                Err(reason) => Err(place.failure(reason)),
            });
        }
    }
}
