//! `capstone serve`: a bus that NATS clients can connect to, and the relay of a database, until it is stopped.

use std::sync::Arc;

use capstone_bus::Bus;
#[cfg(feature = "http")]
use capstone_bus::wire::Monitor;
#[cfg(feature = "postgres")]
use capstone_outbox::postgres::PostgresStore;
use capstone_outbox::relay::{Progress, Report};
use capstone_outbox::sqlite::SqliteStore;
use capstone_outbox::stream::{Reader, Start, StreamStore, StreamingStore, Streams};
use capstone_outbox::{Relay, Store};
use futures::future::{FutureExt, LocalBoxFuture};
use tokio_util::sync::CancellationToken;

use crate::cli;
#[cfg(feature = "http")]
use crate::config::Place;
use crate::config::{Secret, Settings};
use crate::database::Database;
#[cfg(feature = "http")]
use crate::http::{Board, Look, Page};
use crate::{Exit, listen, live, stop, upkeep};

/// Runs the command.
///
/// # Errors
/// The address cannot be listened on, or needs users; a file of theirs or of TLS cannot be used; the database cannot be used.
pub async fn run(options: cli::Serve, settings: &Settings) -> anyhow::Result<Exit> {
    let bus = settings.bus.bus();
    let listener = listen::open(&bus, options.listen, options.token.as_ref(), &settings.listen).await?;
    let stop = stop::on_signals()?;
    let relay = match &options.db {
        Some(database) => Some(Carrier::open(database, settings).await?),
        None => None,
    };
    let monitor = listener.monitor();
    #[cfg(feature = "http")]
    let page = open_page(&options, settings, &bus, &monitor, relay.as_ref()).await?;
    say!("listening on nats://{}", listener.local_addr());
    #[cfg(feature = "http")]
    if let Some(page) = &page {
        say!("status page on http://{}/", page.address());
    }
    let carried = async {
        let Some(relay) = relay else { return Ok(None) };
        // What the relay cannot go on with, clients are not to wait for.
        let _stop_all = stop.clone().drop_guard();
        let upkeep = upkeep::run(relay.streams.clone(), settings.upkeep);
        // The upkeep never ends, and dropping it leaves nothing half done.
        tokio::select! {
            report = relay.run(&bus, &stop) => report.map(Some),
            () = upkeep => unreachable!("it never ends"),
        }
    };
    let shown = async {
        #[cfg(feature = "http")]
        if let Some(page) = page {
            page.run(stop.cancelled()).await;
        }
    };
    let (report, carried, ()) = tokio::join!(listener.run(stop.cancelled()), carried, shown);
    bus.close();
    let carried = carried?;
    say!("served {} connections", monitor.stats().accepted);
    if let Some(report) = &carried {
        say!("{}", super::relay::summary(report));
    }
    let is_drained = report.cut_off == 0 && carried.is_none_or(|report| report.drained);
    Ok(if is_drained { Exit::Done } else { Exit::WorkLeft })
}

#[cfg(feature = "http")]
async fn open_page(
    options: &cli::Serve,
    settings: &Settings,
    bus: &Bus,
    listener: &Monitor,
    relay: Option<&Carrier>,
) -> anyhow::Result<Option<Page>> {
    let Place::At(address) = options.http else { return Ok(None) };
    let look = match options.db.as_ref().zip(relay) {
        Some((database, carrier)) => Some(Look::open(database, Arc::clone(&carrier.progress)).await?),
        None => None,
    };
    let board = Board::new(bus.clone(), listener.clone(), look);
    Ok(Some(Page::bind(address, settings.http.token.as_ref().map(Secret::reveal), board).await?))
}

/// From the outbox of a database into its stream, and from there to the bus.
struct Carrier {
    /// The relay, whatever its store is: goes on until it is told to stop.
    relay: Box<dyn FnOnce(CancellationToken) -> LocalBoxFuture<'static, anyhow::Result<Report>>>,
    progress: Arc<Progress>,
    tail: Reader,
    streams: Streams,
}

impl Carrier {
    async fn open(database: &Database, settings: &Settings) -> anyhow::Result<Self> {
        match database {
            Database::Sqlite(path) => Self::of(Arc::new(SqliteStore::open_existing(path)?), settings).await,
            #[cfg(feature = "postgres")]
            Database::Postgres(target) => {
                Self::of(Arc::new(PostgresStore::connect(target).await?), settings).await
            }
        }
    }

    async fn of(store: Arc<impl Store + StreamStore>, settings: &Settings) -> anyhow::Result<Self> {
        let streams = Streams::new(Arc::clone(&store));
        let stream = super::stream::open(&streams, settings.new_stream(cli::STREAM)).await?;
        // Before the relay begins: what it carries is new.
        let tail = stream.read(Start::New).locate().await?;
        let streaming = StreamingStore::new(store, &stream);
        let sink = Arc::new(streaming.sink());
        let mut relay = Relay::new(Arc::new(streaming), sink, settings.relay.clone())?;
        let progress = relay.progress();
        let relay =
            |stop: CancellationToken| async move { Ok(relay.run(stop.cancelled()).await?) }.boxed_local();
        Ok(Self { relay: Box::new(relay), progress, tail, streams })
    }

    // ANCHOR: relay-and-feed
    async fn run(self, bus: &Bus, stop: &CancellationToken) -> anyhow::Result<Report> {
        let feed = live::feed(self.tail, bus.clone(), stop.clone());
        Ok(tokio::try_join!((self.relay)(stop.clone()), feed)?.0)
    }
    // ANCHOR_END: relay-and-feed
}
