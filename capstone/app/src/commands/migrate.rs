//! `capstone migrate`: adds our tables to a database.

use capstone_outbox::sqlite::SqliteStore;

use crate::Exit;
use crate::cli::Migrate;

/// Runs the command.
///
/// # Errors
/// The file is no database, cannot be written, or holds tables of another version.
pub fn run(options: &Migrate) -> anyhow::Result<Exit> {
    let path = &options.db.path;
    let created = SqliteStore::migrate(path)?;
    eprintln!("{}: the tables {}", path.display(), if created { "are created" } else { "are up to date" });
    Ok(Exit::Done)
}
