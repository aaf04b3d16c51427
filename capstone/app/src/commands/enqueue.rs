//! `capstone enqueue`: lines of JSON become messages, all of a file or none.

#[cfg(feature = "postgres")]
mod postgres;

use std::fmt;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, Write};

use anyhow::Context;
use capstone_outbox::Message;
use capstone_outbox::json::{self, LineError};
use capstone_outbox::sqlite::{self, EnqueueError, Enqueued, SqliteStore, TransactionError};
use futures::stream::{self, StreamExt};
use indicatif::ProgressBar;
use thiserror::Error;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::cli;
use crate::database::Database;
use crate::{Exit, progress};

/// Longest line. One that never ends must not fill the memory.
const LINE_BYTES_MAX: u64 = 32 * 1024 * 1024;

/// Lines of `--per-line` that may be under way at once.
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
    eprintln!("{}", outcome?);
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

/// A transaction a line; lines that arrive together share a commit. A bad line is found before those behind it
/// are begun.
async fn per_line(
    store: &SqliteStore,
    name: &str,
    mut acknowledge: Option<io::Stdout>,
    bar: &ProgressBar,
) -> anyhow::Result<Tally> {
    let (reading, receiver) = read_ahead(name)?;
    let mut outcomes = stream::unfold(receiver, async |mut lines| Some((lines.recv().await?, lines)))
        .map(async |line| {
            let (place, message) = line?;
            let id = message.id();
            let outcome = store.transaction(move |tx| sqlite::enqueue(tx, &message)).await;
            anyhow::Ok((id, outcome.with_context(|| place.to_string())?))
        })
        .boxed_local()
        .buffered(AT_ONCE);
    let mut tally = Tally::default();
    while let Some(outcome) = outcomes.next().await {
        let (id, enqueued) = outcome.with_context(|| format!("{tally}, then stopped"))?;
        tally.add(enqueued);
        if let Some(stdout) = &mut acknowledge {
            writeln!(stdout, "{id}").context("standard output")?;
        }
        bar.inc(1);
    }
    reading.await?;
    Ok(tally)
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
        String::from_utf8(bytes).map_err(|_| Reason::NotUtf8)
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
