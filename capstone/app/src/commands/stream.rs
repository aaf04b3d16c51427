//! `capstone stream`: what the streams of a database hold, all of it once more, and what consumers gave up.

mod dead;
mod keep;

use std::io::{self, BufWriter, ErrorKind, Write};
use std::sync::Arc;
use std::time::SystemTime;

use capstone_bus::Pattern;
use capstone_outbox::json;
#[cfg(feature = "postgres")]
use capstone_outbox::postgres::PostgresStore;
use capstone_outbox::sqlite::SqliteStore;
use capstone_outbox::stream::{Record, Start, Stream, StreamConfig, StreamError, Streams};

pub use dead::run as dead;
pub use keep::{delete, purge, set, trim};

use crate::cli;
use crate::database::Database;
use crate::listed::Listed;
use crate::{Exit, stop};

/// The stream of this name, created like this if it is missing.
///
/// # Errors
/// The name is none, or the database cannot be used.
pub async fn open(streams: &Streams, config: StreamConfig) -> Result<Stream, StreamError> {
    match streams.get(config.name()).await {
        Err(StreamError::NoStream { .. }) => streams.create(config).await,
        stream => stream,
    }
}

/// The streams of a database that is there.
#[cfg_attr(not(feature = "postgres"), allow(clippy::unused_async, reason = "only PostgreSQL is waited for"))]
async fn streams(database: &Database) -> anyhow::Result<Streams> {
    Ok(match database {
        Database::Sqlite(path) => Streams::new(Arc::new(SqliteStore::open_existing(path)?)),
        #[cfg(feature = "postgres")]
        Database::Postgres(target) => Streams::new(Arc::new(PostgresStore::connect(target).await?)),
    })
}

/// Runs `stream list`.
///
/// # Errors
/// The database cannot be reached, or has no tables of ours.
pub async fn list(options: cli::StreamList) -> anyhow::Result<Exit> {
    let streams = streams(&options.db).await?;
    let mut out = io::stdout().lock();
    for listed in Listed::all(&streams).await? {
        if options.json {
            writeln!(out, "{}", serde_json::to_string(&listed)?)?;
        } else {
            write!(out, "{}", listed.text())?;
        }
    }
    Ok(Exit::Done)
}

/// Runs `stream replay`.
///
/// # Errors
/// The database cannot be reached or has no tables of ours, or there is no such stream.
pub async fn replay(options: cli::StreamReplay) -> anyhow::Result<Exit> {
    let streams = streams(&options.db).await?;
    #[expect(clippy::disallowed_methods, reason = "what a person calls now")]
    let since = options.since.map(|since| Start::Time(SystemTime::now() - since));
    let mut reader = streams.get(&options.name).await?.read(since.unwrap_or(options.from.0));
    if let Some(filter) = &options.filter {
        reader = reader.filter(Pattern::new(filter.as_str())?);
    }
    let stop = stop::on_signals()?;
    let mut out = BufWriter::new(io::stdout());
    loop {
        // Both are cancel safe.
        let found = tokio::select! {
            found = reader.try_next() => found?,
            () = stop.cancelled() => break,
        };
        let record = match found {
            Some(record) => record,
            None => {
                if !wrote(out.flush())? || !options.follow {
                    break;
                }
                // Both are cancel safe.
                tokio::select! {
                    record = reader.next() => record?,
                    () = stop.cancelled() => break,
                }
            }
        };
        if !wrote(print(&record, &mut out))? {
            break;
        }
    }
    wrote(out.flush())?;
    Ok(Exit::Done)
}

fn print(record: &Record, out: &mut impl Write) -> io::Result<()> {
    if record.gap > 0 {
        say!("{} messages before {} are gone", record.gap, record.message.seq);
    }
    let mut line = Vec::new();
    json::write(&record.message, &mut line)?;
    out.write_all(&line)
}

/// `false`: whoever read it has seen enough.
fn wrote(outcome: io::Result<()>) -> io::Result<bool> {
    match outcome {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(false),
        outcome => outcome.map(|()| true),
    }
}
