//! `capstone relay`: carries committed messages to a sink until it is stopped, or until none is left.

#[cfg(feature = "nats")]
pub(super) mod nats;

use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;

use anyhow::Context;
#[cfg(feature = "postgres")]
use capstone_outbox::postgres::PostgresStore;
use capstone_outbox::relay::Report;
use capstone_outbox::sink::{FileSink, StdoutSink};
use capstone_outbox::sqlite::SqliteStore;
use capstone_outbox::stream::{StreamStore, StreamingStore, Streams};
use capstone_outbox::{Relay, Sink, Store};

#[cfg(feature = "nats")]
pub use self::nats::NewStream;
use super::stream;
use crate::cli;
use crate::config::Settings;
use crate::database::Database;
#[cfg(feature = "nats")]
use crate::server::Server;
use crate::{Exit, progress, stop, upkeep};

/// `--sink`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SinkName {
    /// Lines on standard output.
    Stdout,
    /// Lines appended to a file.
    File(PathBuf),
    /// A stream of this name in the same database.
    Stream(String),
    /// Streams of a NATS server.
    #[cfg(feature = "nats")]
    Nats(Server),
    /// The same, over TLS.
    #[cfg(feature = "nats")]
    NatsOverTls(Server),
}

impl FromStr for SinkName {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        match name.split_once(':') {
            None if name == "stdout" => Ok(Self::Stdout),
            Some(("file", path)) if !path.is_empty() => Ok(Self::File(path.into())),
            None if name == "stream" => Ok(Self::Stream(cli::STREAM.into())),
            Some(("stream", name)) if !name.is_empty() => Ok(Self::Stream(name.into())),
            _ if name == "bus" => {
                Err("nobody could be listening in this process; see `capstone demo`".into())
            }
            #[cfg(feature = "nats")]
            Some(("nats" | "tls", rest)) if rest.contains('@') => Err(nats::NO_SECRETS.into()),
            #[cfg(feature = "nats")]
            Some(("nats", _)) => name.parse().map(Self::Nats),
            #[cfg(feature = "nats")]
            Some(("tls", rest)) => format!("nats:{rest}").parse().map(Self::NatsOverTls),
            #[cfg(not(feature = "nats"))]
            Some(("nats" | "tls", _)) => Err("this program was built without the feature nats: \
                                      cargo build --package capstone --features nats"
                .into()),
            _ => Err("write stdout, file:PATH, stream:NAME, nats://HOST:PORT or tls://HOST:PORT".into()),
        }
    }
}

/// Runs the command.
///
/// # Errors
/// The database or the sink cannot be opened, or cannot be used any more.
pub async fn run(options: cli::Relay, settings: &Settings) -> anyhow::Result<Exit> {
    #[cfg(feature = "nats")]
    if options.create_stream.is_some()
        && !matches!(options.sink, SinkName::Nats(_) | SinkName::NatsOverTls(_))
    {
        anyhow::bail!("--create-stream is for --sink nats://HOST:PORT");
    }
    match &options.db {
        Database::Sqlite(path) => carry_from(&options, settings, SqliteStore::open_existing(path)?).await,
        #[cfg(feature = "postgres")]
        Database::Postgres(target) => {
            carry_from(&options, settings, PostgresStore::connect(target).await?).await
        }
    }
}

async fn carry_from(
    options: &cli::Relay,
    settings: &Settings,
    store: impl Store + StreamStore,
) -> anyhow::Result<Exit> {
    let store = Arc::new(store);
    let streams = Streams::new(Arc::clone(&store));
    match &options.sink {
        SinkName::Stdout => {
            let sink = StdoutSink::new().context("standard output")?;
            carry(options, settings, (store, streams), sink).await
        }
        SinkName::File(path) => {
            let sink = FileSink::open(path).context("sink")?;
            carry(options, settings, (store, streams), sink).await
        }
        #[cfg(feature = "nats")]
        SinkName::Nats(server) => {
            let sink = nats::prepare(&server.address, options, settings).await?;
            carry(options, settings, (store, streams), sink).await
        }
        #[cfg(feature = "nats")]
        SinkName::NatsOverTls(server) => {
            let sink = nats::prepare(&format!("tls://{}", server.address), options, settings).await?;
            carry(options, settings, (store, streams), sink).await
        }
        SinkName::Stream(name) => {
            let stream = stream::open(&streams, settings.new_stream(name)).await?;
            let store = Arc::new(StreamingStore::new(store, &stream));
            let sink = store.sink();
            carry(options, settings, (store, streams), sink).await
        }
    }
}

async fn carry(
    options: &cli::Relay,
    settings: &Settings,
    (store, streams): (Arc<impl Store>, Streams),
    sink: impl Sink,
) -> anyhow::Result<Exit> {
    let mut relay = Relay::new(store, Arc::new(sink), settings.relay.clone())?;
    let stop = stop::on_signals()?;
    let done = relay.progress();
    let bar = progress::counter("relayed");
    let run = async {
        if options.until_empty {
            relay.run_until_empty(stop.cancelled()).await
        } else {
            relay.run(stop.cancelled()).await
        }
    };
    // The others never end: the bar only looks, and dropping the upkeep leaves nothing half done.
    let outcome = tokio::select! {
        outcome = run => outcome,
        () = upkeep::run(streams, settings.upkeep) => unreachable!("it never ends"),
        () = progress::follow(bar.clone(), || done.published()) => unreachable!("it never ends"),
    };
    bar.finish_and_clear();
    let report = outcome?;
    say!("{}", summary(&report));
    Ok(if report.drained { Exit::Done } else { Exit::WorkLeft })
}

pub(super) fn summary(report: &Report) -> String {
    let mut text = format!("relayed {}", report.published);
    for (count, what) in
        [(report.failed, "failed attempts"), (report.parked, "parked"), (report.buried, "dead")]
    {
        if count > 0 {
            text += &format!(", {count} {what}");
        }
    }
    if !report.drained {
        text += "; stopped at the drain deadline: what was under way will be sent again";
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sink_is_named_or_refused() {
        assert_eq!("stdout".parse(), Ok(SinkName::Stdout));
        assert_eq!("file:a:b".parse(), Ok(SinkName::File("a:b".into())));
        assert_eq!("stream".parse(), Ok(SinkName::Stream("outbox".into())));
        assert_eq!("stream:orders".parse(), Ok(SinkName::Stream("orders".into())));
        #[cfg(feature = "nats")]
        {
            let server = || "nats://h:1".parse().expect("an address");
            assert_eq!("nats://h:1".parse(), Ok(SinkName::Nats(server())));
            assert_eq!("tls://h:1".parse(), Ok(SinkName::NatsOverTls(server())));
        }
        for wrong in
            ["stream:", "file:", "file", "bus", "kafka://x", "", "nats://user:s3cret@h:1", "tls://u:s3cret@h"]
        {
            let error = wrong.parse::<SinkName>().expect_err(wrong);
            assert!(!error.contains("s3cret"), "{error}");
        }
    }

    #[cfg(not(feature = "nats"))]
    #[test]
    fn a_sink_that_is_not_built_in_names_its_feature() {
        let error = "nats://127.0.0.1:4222".parse::<SinkName>().expect_err("not built in");
        assert!(error.ends_with("--features nats"), "{error}");
    }

    #[test]
    fn the_summary_tells_only_what_happened() {
        let mut report = Report::default();
        (report.published, report.drained) = (7, true);
        assert_eq!(summary(&report), "relayed 7");
        (report.failed, report.parked, report.drained) = (3, 1, false);
        assert_eq!(
            summary(&report),
            "relayed 7, 3 failed attempts, 1 parked; stopped at the drain deadline: what was under way will be sent again"
        );
    }
}
