//! `capstone migrate`: adds our tables to a database.

use capstone_outbox::sqlite::SqliteStore;

use crate::Exit;
use crate::cli::Migrate;
use crate::database::Database;

/// Runs the command.
///
/// # Errors
/// It is no database, cannot be reached or written, or holds tables of another version.
#[cfg_attr(not(feature = "postgres"), expect(clippy::unused_async, reason = "only PostgreSQL is waited for"))]
pub async fn run(options: Migrate) -> anyhow::Result<Exit> {
    let (name, created) = match &options.db {
        Database::Sqlite(path) => (path.display().to_string(), SqliteStore::migrate(path)?),
        #[cfg(feature = "postgres")]
        Database::Postgres(target) => (target.to_string(), target.migrate().await?),
    };
    eprintln!("{name}: the tables {}", if created { "are created" } else { "are up to date" });
    Ok(Exit::Done)
}
