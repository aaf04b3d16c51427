//! `capstone stream`: what the streams of a database hold, all of it once more, and what consumers gave up.

mod dead;
mod keep;

use std::fmt;
use std::io::{self, BufWriter, ErrorKind, Write};
use std::str::FromStr;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use capstone_bus::Pattern;
#[cfg(feature = "postgres")]
use capstone_outbox::postgres::PostgresStore;
use capstone_outbox::sqlite::SqliteStore;
use capstone_outbox::stream::{
    ConsumerInfo, Record, Start, Stream, StreamConfig, StreamError, StreamInfo, Streams,
};
use capstone_outbox::{Seq, json};
use serde::Serialize;

pub use dead::run as dead;
pub use keep::{delete, purge, set, trim};

use crate::cli;
use crate::config::{Age, Size};
use crate::database::Database;
use crate::{Exit, stop};

/// `--from`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct From(Start);

impl FromStr for From {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let number = || text.parse().ok().filter(|seq| *seq > 0).map(|seq| Start::Seq(Seq(seq)));
        let start = match text {
            "first" => Some(Start::First),
            "last" => Some(Start::Last),
            "new" => Some(Start::New),
            _ => number(),
        };
        start.map(Self).ok_or_else(|| "write first, last, new, or a number from 1".into())
    }
}

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
#[cfg_attr(not(feature = "postgres"), expect(clippy::unused_async, reason = "only PostgreSQL is waited for"))]
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

/// A stream and its consumers, as they are shown.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Listed {
    pub(crate) name: String,
    pub(crate) messages: u64,
    pub(crate) bytes: u64,
    first: i64,
    pub(crate) last: i64,
    pub(crate) dead: u64,
    keeps: Keeps,
    pub(crate) consumers: Vec<Consumer>,
}

/// What a stream keeps, as it is shown.
#[derive(Clone, Debug, Serialize)]
struct Keeps {
    age_max_ms: Option<u64>,
    count_max: Option<u64>,
    bytes_max: Option<u64>,
}

impl Keeps {
    fn of(config: &StreamConfig) -> Self {
        let bounds = config.bounds();
        let ms = |age: Duration| u64::try_from(age.as_millis()).unwrap_or(u64::MAX);
        Self { age_max_ms: bounds.age_max.map(ms), count_max: bounds.count_max, bytes_max: bounds.bytes_max }
    }
}

impl fmt::Display for Keeps {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let age = self.age_max_ms.map(Duration::from_millis);
        let bounds = [
            age.map(|age| Age(Some(age)).to_string()),
            self.count_max.map(|count| format!("{count} messages")),
            self.bytes_max.map(|bytes| Size(Some(bytes)).to_string()),
        ];
        let bounds: Vec<String> = bounds.into_iter().flatten().collect();
        if bounds.is_empty() {
            return f.write_str("everything");
        }
        write!(f, "at most {}", bounds.join(", "))
    }
}

/// A consumer, as it is shown.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Consumer {
    pub(crate) name: String,
    ack_floor: i64,
    pub(crate) pending: u64,
    pub(crate) waiting: u64,
    pub(crate) missed: u64,
}

impl Listed {
    /// Each stream by itself: what one shows is older than what the next does.
    pub(crate) async fn all(streams: &Streams) -> Result<Vec<Self>, StreamError> {
        let mut all = Vec::new();
        for info in streams.list().await? {
            let consumers = streams.get(info.config.name()).await?.consumers().await?;
            all.push(Self::new(&info, consumers));
        }
        Ok(all)
    }

    fn new(info: &StreamInfo, consumers: Vec<ConsumerInfo>) -> Self {
        let consumer = |ConsumerInfo { name, ack_floor, pending, waiting, missed, .. }| Consumer {
            name,
            ack_floor: ack_floor.0,
            pending,
            waiting,
            missed,
        };
        Self {
            name: info.config.name().to_owned(),
            messages: info.messages(),
            bytes: info.bytes,
            first: info.first.0,
            last: info.last.0,
            dead: info.dead,
            keeps: Keeps::of(&info.config),
            consumers: consumers.into_iter().map(consumer).collect(),
        }
    }

    fn text(&self) -> String {
        let Self { name, messages, bytes, first, last, dead, keeps, consumers } = self;
        let mut text = format!(
            "{name}  messages {messages} ({first} to {last})  bytes {bytes}  dead {dead}  keeps {keeps}\n"
        );
        for Consumer { name, ack_floor, pending, waiting, missed } in consumers {
            text += &format!(
                "  {name}  done up to {ack_floor}  pending {pending}  waiting {waiting}  missed {missed}\n"
            );
        }
        text
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_start_is_a_word_or_a_number() {
        assert_eq!("first".parse(), Ok(From(Start::First)));
        assert_eq!("17".parse(), Ok(From(Start::Seq(Seq(17)))));
        for wrong in ["", "0", "-1", "FIRST", "oldest"] {
            assert!(wrong.parse::<From>().is_err(), "{wrong}");
        }
    }
}
