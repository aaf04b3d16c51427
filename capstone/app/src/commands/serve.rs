//! `capstone serve`: a bus that NATS clients can connect to, and the relay of a database, until it is stopped.

use std::sync::Arc;

use anyhow::Context;
use capstone_bus::Bus;
use capstone_bus::wire::{ListenError, Listener};
use capstone_outbox::relay::Report;
use capstone_outbox::sink::StreamSink;
use capstone_outbox::sqlite::{SqliteStore, StreamingStore};
use capstone_outbox::stream::{Reader, Start, Streams};
use capstone_outbox::{Relay, RelayConfig};
use tokio_util::sync::CancellationToken;

use crate::cli;
use crate::database::Database;
use crate::{Exit, live, stop};

/// Runs the command.
///
/// # Errors
/// The address cannot be listened on, or needs a token; the database cannot be used.
pub async fn run(options: cli::Serve) -> anyhow::Result<Exit> {
    let bus = Bus::new();
    let mut builder = Listener::builder(&bus);
    if let Some(token) = &options.token {
        builder = builder.token(token.reveal());
    }
    let listener = match builder.bind(options.listen).await {
        Err(error @ ListenError::Open(_)) => return Err(error).context("set CAPSTONE_TOKEN"),
        listener => listener.with_context(|| options.listen.to_string())?,
    };
    let stop = stop::on_signals()?;
    let relay = match &options.db {
        Some(database) => Some(Carrier::open(database).await?),
        None => None,
    };
    let monitor = listener.monitor();
    eprintln!("listening on nats://{}", listener.local_addr());
    let carried = async {
        let Some(relay) = relay else { return Ok(None) };
        // What the relay cannot go on with, clients are not to wait for.
        let _stop_all = stop.clone().drop_guard();
        relay.run(&bus, &stop).await.map(Some)
    };
    let (report, carried) = tokio::join!(listener.run(stop.cancelled()), carried);
    bus.close();
    let carried = carried?;
    eprintln!("served {} connections", monitor.stats().accepted);
    if let Some(report) = &carried {
        eprintln!("{}", super::relay::summary(report));
    }
    let is_drained = report.cut_off == 0 && carried.is_none_or(|report| report.drained);
    Ok(if is_drained { Exit::Done } else { Exit::WorkLeft })
}

/// From the outbox of a database into its stream, and from there to the bus.
struct Carrier {
    relay: Relay<StreamingStore, StreamSink>,
    tail: Reader,
}

impl Carrier {
    async fn open(database: &Database) -> anyhow::Result<Self> {
        let store = Arc::new(SqliteStore::open(database.file()?)?);
        let stream = super::stream::open(&Streams::new(Arc::clone(&store)), cli::STREAM).await?;
        // Before the relay begins: what it carries is new.
        let tail = stream.read(Start::New).locate().await?;
        let streaming = Arc::new(StreamingStore::new(store, &stream));
        let sink = Arc::new(streaming.sink());
        Ok(Self { relay: Relay::new(streaming, sink, RelayConfig::default())?, tail })
    }

    // ANCHOR: relay-and-feed
    async fn run(mut self, bus: &Bus, stop: &CancellationToken) -> anyhow::Result<Report> {
        let feed = live::feed(self.tail, bus.clone(), stop.clone());
        let relay = async { Ok(self.relay.run(stop.cancelled()).await?) };
        Ok(tokio::try_join!(relay, feed)?.0)
    }
    // ANCHOR_END: relay-and-feed
}
