//! The tables: creates them, and refuses a file whose tables are not ours.

use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior};

const VERSION: &str = "1";
const TABLES: &str = include_str!("schema.sql");

/// What a file holds, as far as we are concerned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// Nothing at all: a new file.
    Empty,
    /// An application's tables, and none of ours.
    Foreign,
    /// Our tables, in the version that this program knows.
    Current,
    /// Our tables, in another version.
    Other(String),
}

pub(super) fn inspect(connection: &Connection) -> rusqlite::Result<Found> {
    let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if tables == 0 {
        return Ok(Found::Empty);
    }
    let ours = "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'outbox_meta'";
    if connection.query_row(ours, [], |row| row.get::<_, i64>(0))? == 0 {
        return Ok(Found::Foreign);
    }
    let version: Option<String> = connection
        .query_row("SELECT value FROM outbox_meta WHERE name = 'schema_version'", [], |row| row.get(0))
        .optional()?;
    Ok(match version {
        Some(version) if version == VERSION => Found::Current,
        version => Found::Other(version.unwrap_or_else(|| "unknown".into())),
    })
}

/// Creates the tables where they are missing, in one transaction: after a crash there are all or none.
pub(super) fn migrate(connection: &mut Connection) -> rusqlite::Result<Found> {
    let transaction = Transaction::new(connection, TransactionBehavior::Immediate)?;
    let found = inspect(&transaction)?;
    if matches!(found, Found::Empty | Found::Foreign) {
        transaction.execute_batch(TABLES)?;
    }
    transaction.commit()?;
    Ok(found)
}
