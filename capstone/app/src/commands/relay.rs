//! `capstone relay`: carries committed messages to a sink until it is stopped, or until none is left.

#[cfg(feature = "nats")]
pub(super) mod nats;

use std::sync::Arc;

use anyhow::Context;
#[cfg(feature = "postgres")]
use capstone_outbox::postgres::PostgresStore;
use capstone_outbox::relay::Report;
use capstone_outbox::sink::{FileSink, StdoutSink};
use capstone_outbox::sqlite::SqliteStore;
use capstone_outbox::stream::{StreamStore, StreamingStore, Streams};
use capstone_outbox::{Relay, Sink, Store};

use super::stream;
use crate::cli::{self, SinkName};
use crate::config::Settings;
use crate::database::Database;
use crate::{Exit, progress, stop, upkeep};

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
