//! `capstone relay`: carries committed messages to a sink until it is stopped, or until none is left.

use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;

use anyhow::Context;
#[cfg(feature = "postgres")]
use capstone_outbox::postgres::PostgresStore;
use capstone_outbox::relay::Report;
use capstone_outbox::sink::{FileSink, StdoutSink};
use capstone_outbox::sqlite::SqliteStore;
use capstone_outbox::{Relay, RelayConfig, Sink, Store};

use crate::cli;
use crate::database::Database;
use crate::{Exit, progress, stop};

/// `--sink`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SinkName {
    /// Lines on standard output.
    Stdout,
    /// Lines appended to a file.
    File(PathBuf),
}

impl FromStr for SinkName {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        match name.split_once(':') {
            None if name == "stdout" => Ok(Self::Stdout),
            Some(("file", path)) if !path.is_empty() => Ok(Self::File(path.into())),
            _ if name == "bus" => {
                Err("nobody could be listening in this process; see `capstone demo`".into())
            }
            _ => Err("write stdout or file:PATH".into()),
        }
    }
}

/// Runs the command.
///
/// # Errors
/// The database or the sink cannot be opened, or cannot be used any more.
pub async fn run(options: cli::Relay) -> anyhow::Result<Exit> {
    match &options.db {
        Database::Sqlite(path) => carry_from(&options, SqliteStore::open(path)?).await,
        #[cfg(feature = "postgres")]
        Database::Postgres(target) => carry_from(&options, PostgresStore::connect(target).await?).await,
    }
}

async fn carry_from(options: &cli::Relay, store: impl Store) -> anyhow::Result<Exit> {
    match &options.sink {
        SinkName::Stdout => carry(options, store, StdoutSink::new().context("standard output")?).await,
        SinkName::File(path) => {
            let sink = FileSink::open(path).with_context(|| format!("sink {}", path.display()))?;
            carry(options, store, sink).await
        }
    }
}

async fn carry(options: &cli::Relay, store: impl Store, sink: impl Sink) -> anyhow::Result<Exit> {
    let store = Arc::new(store);
    let mut relay = Relay::new(store, Arc::new(sink), RelayConfig::default())?;
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
    // The bar only looks: it never ends, and dropping it loses nothing.
    let outcome = tokio::select! {
        outcome = run => outcome,
        () = progress::follow(bar.clone(), || done.published()) => unreachable!("it never ends"),
    };
    bar.finish_and_clear();
    let report = outcome?;
    eprintln!("{}", summary(&report));
    Ok(if report.drained { Exit::Done } else { Exit::WorkLeft })
}

fn summary(report: &Report) -> String {
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
        for wrong in ["file:", "file", "bus", "kafka://x", ""] {
            assert!(wrong.parse::<SinkName>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_summary_tells_only_what_happened() {
        let report = Report { published: 7, drained: true, ..Report::default() };
        assert_eq!(summary(&report), "relayed 7");
        let report = Report { failed: 3, parked: 1, drained: false, ..report };
        assert_eq!(
            summary(&report),
            "relayed 7, 3 failed attempts, 1 parked; stopped at the drain deadline: what was under way will be sent again"
        );
    }
}
