//! The tables: creates them, brings older ones up to date, and refuses a file whose tables are not ours.

use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior};

/// What leads from each version to the next; the first one to version 1. A step that was released never changes.
const STEPS: [&str; 5] = [
    include_str!("schema.sql"),
    concat!(include_str!("inbox.sql"), include_str!("streams.sql")),
    include_str!("commands.sql"),
    include_str!("started.sql"),
    include_str!("handed.sql"),
];

/// The version that this program works with.
pub(super) const VERSION: usize = STEPS.len();

/// What a file holds, as far as we are concerned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// Nothing at all: a new file.
    Empty,
    /// An application's tables, and none of ours.
    Foreign,
    /// Our tables, in the version that this program knows.
    Current,
    /// Our tables, in a version that [`migrate`] brings up to date.
    Older(usize),
    /// Our tables, in a version that this program does not know.
    Unknown(String),
}

impl Found {
    /// The version of our tables, if they are there.
    pub(super) fn version(&self) -> Option<String> {
        match self {
            Self::Empty | Self::Foreign => None,
            Self::Current => Some(VERSION.to_string()),
            Self::Older(version) => Some(version.to_string()),
            Self::Unknown(version) => Some(version.clone()),
        }
    }
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
    let number = version.as_deref().and_then(|version| version.parse::<usize>().ok());
    Ok(match number {
        Some(VERSION) => Found::Current,
        Some(number @ 1..VERSION) => Found::Older(number),
        _ => Found::Unknown(version.unwrap_or_else(|| "unknown".into())),
    })
}

/// Creates the tables where they are missing, and what later versions added, in one transaction: after a crash
/// there is all of it or none.
pub(super) fn migrate(connection: &mut Connection) -> rusqlite::Result<Found> {
    let transaction = Transaction::new(connection, TransactionBehavior::Immediate)?;
    let found = inspect(&transaction)?;
    let missing = match found {
        Found::Empty | Found::Foreign => &STEPS[..],
        Found::Older(version) => &STEPS[version..],
        Found::Current | Found::Unknown(_) => &[],
    };
    for step in missing {
        transaction.execute_batch(step)?;
    }
    if !missing.is_empty() {
        let update = format!("UPDATE outbox_meta SET value = '{VERSION}' WHERE name = 'schema_version'");
        transaction.execute_batch(&update)?;
    }
    transaction.commit()?;
    Ok(found)
}
