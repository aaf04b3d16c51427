//! `capstone migrate`: adds our tables to a database, or brings them up to date; or prints what does.

#[cfg(feature = "postgres")]
use capstone_outbox::postgres;
use capstone_outbox::sqlite::{self, SqliteStore};

use crate::Exit;
use crate::cli::Migrate;
use crate::database::Database;

/// Runs the command.
///
/// # Errors
/// It is no database, cannot be reached or written, or holds tables of a newer version.
pub async fn run(options: Migrate) -> anyhow::Result<Exit> {
    if options.print {
        print!("{}", script(&options).await?);
        return Ok(Exit::Done);
    }
    let (name, changed) = match &options.db {
        Database::Sqlite(path) => (path.display().to_string(), SqliteStore::migrate(path)?),
        #[cfg(feature = "postgres")]
        Database::Postgres(target) => (target.to_string(), target.migrate().await?),
    };
    eprintln!("{name}: the tables {}", if changed { "are now up to date" } else { "were up to date" });
    Ok(Exit::Done)
}

#[cfg_attr(not(feature = "postgres"), expect(clippy::unused_async, reason = "only PostgreSQL is waited for"))]
async fn script(options: &Migrate) -> anyhow::Result<String> {
    let found = match (options.from, &options.db) {
        (Some(version), _) => Some(version),
        (None, Database::Sqlite(path)) => SqliteStore::outdated(path)?,
        #[cfg(feature = "postgres")]
        (None, Database::Postgres(target)) => target.outdated().await?,
    };
    let migration = match &options.db {
        Database::Sqlite(_) => sqlite::migration,
        #[cfg(feature = "postgres")]
        Database::Postgres(_) => postgres::migration,
    };
    Ok(found.map(migration).unwrap_or_default())
}
