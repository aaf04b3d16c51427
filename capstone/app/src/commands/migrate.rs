//! `capstone migrate`: adds our tables to a database, or brings them up to date.

use capstone_outbox::sqlite::SqliteStore;

use crate::Exit;
use crate::cli::Migrate;

/// Runs the command.
///
/// # Errors
/// The file is no database, cannot be written, or holds tables of a newer version.
pub fn run(options: &Migrate) -> anyhow::Result<Exit> {
    let path = &options.db.path;
    let changed = SqliteStore::migrate(path)?;
    let outcome = if changed { "are now up to date" } else { "were up to date" };
    eprintln!("{}: the tables {outcome}", path.display());
    Ok(Exit::Done)
}
