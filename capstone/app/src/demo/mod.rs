//! The demonstration: an order service, a relay into a stream, durable subscribers and a bus behind it in one process,
//! and a check of what each of them wrote down.
//!
//! `shop` commits, `subscribers` receive, `summary` shows. Nothing here is staged: a slow machine shows smaller
//! rates, and a broken engine a verdict.

mod shop;
mod subscribers;
mod summary;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, ensure};
use capstone_bus::Bus;
use capstone_outbox::sqlite::SqliteStore;
use capstone_outbox::stream::{Start, StreamConfig, StreamingStore, Streams};
use capstone_outbox::{Relay, RelayConfig};
use indicatif::ProgressBar;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::cli::Demo;
use crate::database::Database;
use crate::ledger::{Checker, Expectation};
use crate::{Exit, live, progress, stop};
use shop::Shop;
use subscribers::{Received, Subscribers};
use summary::Summary;

/// Runs the demonstration and prints its summary; [`Exit::Failed`] when the verdict is bad.
///
/// # Errors
/// The database exists already, or cannot be used.
pub async fn run(options: Demo) -> anyhow::Result<Exit> {
    // Dropped at the end, and the database with it, unless the user named one.
    let folder = tempfile::tempdir().context("a temporary folder")?;
    let path = fresh_database(&options, folder.path())?;
    let bar = progress::bar(options.messages.into(), "delivered in order");
    let summary = play(&options, &path, &bar).await;
    bar.finish_and_clear();
    let summary = summary?;
    if options.json {
        println!("{}", serde_json::to_string(&summary)?);
    } else {
        print!("{summary}");
    }
    Ok(if summary.is_good() { Exit::Done } else { Exit::Failed })
}

fn fresh_database(options: &Demo, folder: &Path) -> anyhow::Result<PathBuf> {
    let Some(database) = &options.db else { return Ok(folder.join("shop.db")) };
    let path = match database {
        Database::Sqlite(path) => path.clone(),
        #[cfg(feature = "postgres")]
        Database::Postgres(_) => anyhow::bail!("the demonstration runs on SQLite: write sqlite:PATH"),
    };
    ensure!(!path.exists(), "{}: exists already; the demonstration wants a fresh database", path.display());
    Ok(path)
}

async fn play(options: &Demo, path: &Path, bar: &ProgressBar) -> anyhow::Result<Summary> {
    let store = Arc::new(SqliteStore::open(path)?);
    let bus = Bus::new();
    let start = Instant::now();
    let orders = Streams::new(Arc::clone(&store)).create(StreamConfig::new("orders")).await?;
    let complete = CancellationToken::new();
    let subscribers = Subscribers::start(&orders, &bus, start, &complete).await?;
    let tail = orders.read(Start::First);
    let feeding = tokio::spawn(live::feed(tail, bus.clone(), complete.clone()));
    let streaming = Arc::new(StreamingStore::new(Arc::clone(&store), &orders));
    let sink = Arc::new(streaming.sink());
    let mut relay = Relay::new(streaming, sink, RelayConfig::default())?;
    let stop = stop::on_signals()?;
    let looking = tokio::spawn(progress::follow(bar.clone(), subscribers.ordered_so_far()));

    let shop = Shop::open(store, start, options.keys).await?;
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
    let committed = sold.context("the shop")?;
    relayed.context("the relay")?;
    fed.context("the bus")??;
    let received = received?;
    let mut checker = Checker::new(Expectation { subscribers: Received::kinds(), duplicates_max: 0 });
    for record in committed {
        checker.committed(record)?;
    }
    for record in received.records {
        checker.delivered(record)?;
    }
    Ok(Summary::new(checker.verdict(), took, &received.latency_us))
}
