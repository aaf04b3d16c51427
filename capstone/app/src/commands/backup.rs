//! `capstone backup`: a copy of an SQLite database that is in use.

use capstone_outbox::sqlite::SqliteStore;

use crate::Exit;
use crate::cli::Backup;
use crate::database::Database;

/// Runs the command.
///
/// # Errors
/// The database cannot be read, the copy cannot be written or is there already, or it is no SQLite database.
pub fn run(options: &Backup) -> anyhow::Result<Exit> {
    match &options.db {
        Database::Sqlite(path) => SqliteStore::backup(path, &options.to)?,
        #[cfg(feature = "postgres")]
        Database::Postgres(_) => anyhow::bail!("PostgreSQL has its own: pg_dump"),
    }
    say!("{}: a copy of {}, complete and on the disk", options.to.display(), options.db);
    Ok(Exit::Done)
}
