//! The demonstration: an order service, a relay into a stream, durable subscribers and a bus behind it in one process,
//! and a check of what each of them wrote down.
//!
//! `shop` commits, `subscribers` receive, `books` are their tables, `summary` shows. Nothing here is staged: a slow machine
//! shows smaller rates, and a broken engine a verdict.

mod books;
mod shop;
mod subscribers;
mod summary;

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, ensure};
use capstone_bus::Bus;
#[cfg(feature = "postgres")]
use capstone_outbox::postgres::{PostgresStore, Target};
use capstone_outbox::sqlite::SqliteStore;
use capstone_outbox::stream::{Start, StreamConfig, StreamStore, StreamingStore, Streams};
use capstone_outbox::{Relay, RelayConfig, Store};
use indicatif::ProgressBar;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

#[cfg(feature = "postgres")]
use books::PostgresBooks;
use books::{Books, SqliteBooks};

use crate::cli::Demo;
use crate::database::Database;
use crate::ledger::{Checker, Committed, Delivered, Expectation, Verdict};
use crate::{Exit, live, progress, stop};
use shop::Shop;
use subscribers::{Received, Subscribers};
use summary::Summary;

/// Runs the demonstration and prints its summary; [`Exit::Failed`] when the verdict is bad.
///
/// # Errors
/// The database is in use already, or cannot be used.
pub async fn run(options: Demo) -> anyhow::Result<Exit> {
    // Dropped at the end, and the database with it, unless the user named one.
    let folder = tempfile::tempdir().context("a temporary folder")?;
    let bar = progress::bar(options.messages.into(), "delivered in order");
    let summary = match &options.db {
        None => play_on_sqlite(&options, folder.path().join("shop.db"), &bar).await,
        Some(Database::Sqlite(path)) => play_on_sqlite(&options, path.clone(), &bar).await,
        #[cfg(feature = "postgres")]
        Some(Database::Postgres(target)) => play_on_postgres(&options, target, &bar).await,
    };
    bar.finish_and_clear();
    let summary = summary?;
    if options.json {
        println!("{}", serde_json::to_string(&summary)?);
    } else {
        print!("{summary}");
    }
    Ok(if summary.is_good() { Exit::Done } else { Exit::Failed })
}

async fn play_on_sqlite(options: &Demo, path: PathBuf, bar: &ProgressBar) -> anyhow::Result<Summary> {
    let is_free = options.resume || !path.exists();
    ensure!(is_free, "{}: exists already; the demonstration wants a fresh database", path.display());
    let store = Arc::new(SqliteStore::open(&path)?);
    let books = SqliteBooks(Arc::clone(&store));
    books.owner().await?.check(options.resume, path.display())?;
    play(options, store, books, bar).await
}

#[cfg(feature = "postgres")]
async fn play_on_postgres(options: &Demo, target: &Target, bar: &ProgressBar) -> anyhow::Result<Summary> {
    PostgresBooks::owner(target).await?.check(options.resume, target)?;
    target.migrate().await?;
    let store = Arc::new(PostgresStore::connect(target).await?);
    let books = PostgresBooks::connect(Arc::clone(&store)).await?;
    play(options, store, books, bar).await
}

async fn play<S: Store + StreamStore>(
    options: &Demo,
    store: Arc<S>,
    books: impl Books,
    bar: &ProgressBar,
) -> anyhow::Result<Summary> {
    let (bus, books) = (Bus::new(), Arc::new(books));
    books.open().await?;
    let start = Instant::now();
    let orders = Streams::new(Arc::clone(&store)).create(StreamConfig::new("orders")).await?;
    let complete = CancellationToken::new();
    let subscribers = Subscribers::start(&orders, &bus, &books, options.resume, &complete).await?;
    // Before the relay begins: what it carries is new.
    let tail = orders.read(Start::New).locate().await?;
    let feeding = tokio::spawn(live::feed(tail, bus.clone(), complete.clone()));
    let streaming = Arc::new(StreamingStore::new(store, &orders));
    let sink = Arc::new(streaming.sink());
    let mut relay = Relay::new(streaming, sink, RelayConfig::default())?;
    let stop = stop::on_signals()?;
    let looking = tokio::spawn(progress::follow(bar.clone(), subscribers.ordered_so_far()));

    let shop = Shop::open(Arc::clone(&books), options.keys).await?;
    // ANCHOR: drain
    let closed = CancellationToken::new();
    let (sold, relayed) =
        tokio::join!(shop.sell(options.messages, &stop, closed.clone().drop_guard()), async {
            relay.run(closed.cancelled()).await?;
            // Nothing is committed any more: carry what is left, and end.
            relay.run_until_empty(std::future::pending()).await
        });
    // The stream has all of them: each subscriber takes what is left, then ends.
    complete.cancel();
    let fed = feeding.await;
    bus.close();
    let received = subscribers.finish().await;
    let took = start.elapsed();
    looking.abort();
    // ANCHOR_END: drain
    let sold = sold.context("the shop")?;
    relayed.context("the relay")?;
    fed.context("the bus")??;
    let Received { records, latency_us } = received?;
    Ok(Summary::new(verdict(&*books, sold, records).await?, took, &latency_us))
}

/// Compares the shop's ledger, and what earlier runs have committed, with the receipts and what is in no table.
async fn verdict(
    books: &impl Books,
    sold: Vec<Committed>,
    received: Vec<Delivered>,
) -> anyhow::Result<Verdict> {
    let mut checker = Checker::new(Expectation { subscribers: Received::kinds(), duplicates_max: 0 });
    let ids: HashSet<&str> = sold.iter().map(|record| &*record.id).collect();
    let earlier: Vec<Committed> =
        books.orders().await?.into_iter().filter(|record| !ids.contains(&*record.id)).collect();
    for record in earlier.into_iter().chain(sold) {
        checker.committed(record)?;
    }
    for record in books.receipts().await?.into_iter().chain(received) {
        checker.delivered(record)?;
    }
    Ok(checker.verdict())
}
