//! `capstone pause` and `capstone resume`.

use capstone_outbox::operations::Operations;
#[cfg(feature = "postgres")]
use capstone_outbox::postgres::PostgresStore;
use capstone_outbox::sqlite::SqliteStore;
use serde_json::json;

use crate::Exit;
use crate::cli;
use crate::database::Database;
use crate::table::paused;

/// Runs `pause`.
///
/// # Errors
/// The database is missing, or has no tables of ours.
pub async fn pause(options: cli::Pause) -> anyhow::Result<Exit> {
    let pause = match &options.outbox.db {
        Database::Sqlite(path) => SqliteStore::open_existing(path)?.pause(&options.by).await?,
        #[cfg(feature = "postgres")]
        Database::Postgres(target) => PostgresStore::connect(target).await?.pause(&options.by).await?,
    };
    if options.outbox.json {
        println!("{}", json!({ "paused": pause }));
    } else {
        say!("{}: relays start no publish within a second; `capstone resume` ends it", paused(&pause));
    }
    Ok(Exit::Done)
}

/// Runs `resume`.
///
/// # Errors
/// The database is missing, or has no tables of ours.
pub async fn resume(options: cli::Resume) -> anyhow::Result<Exit> {
    let ended = match &options.outbox.db {
        Database::Sqlite(path) => SqliteStore::open_existing(path)?.resume().await?,
        #[cfg(feature = "postgres")]
        Database::Postgres(target) => PostgresStore::connect(target).await?.resume().await?,
    };
    if options.outbox.json {
        println!("{}", json!({ "resumed": ended }));
    } else if let Some(pause) = ended {
        say!("resumed: it was {}", paused(&pause));
    } else {
        say!("it was not paused");
    }
    Ok(Exit::Done)
}
