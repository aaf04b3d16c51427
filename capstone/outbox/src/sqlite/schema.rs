//! The tables: creates them, brings older ones up to date, and refuses a file whose tables are not ours.

use rusqlite::{Connection, Transaction, TransactionBehavior};

use crate::tables::{self, Tables};

/// What leads from each version to the next; the first one to version 1. A step that was released never changes.
const STEPS: [&str; 5] = [
    include_str!("schema.sql"),
    concat!(include_str!("inbox.sql"), include_str!("streams.sql")),
    include_str!("commands.sql"),
    include_str!("started.sql"),
    // From here on the tables say who may use them.
    concat!(include_str!("trouble.sql"), include_str!("handed.sql"), include_str!("reads.sql")),
];

/// The version that this program works with.
pub(super) const VERSION: usize = STEPS.len();

/// The oldest version that a program must know to go on with these tables.
const COMPATIBLE_FROM: usize = 5;

/// What a file holds, as far as we are concerned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// Nothing at all: a new file.
    Empty,
    /// An application's tables, and none of ours.
    Foreign,
    /// Our tables.
    Ours(Tables),
}

impl Found {
    pub(super) fn tables(&self) -> Option<&Tables> {
        match self {
            Self::Empty | Self::Foreign => None,
            Self::Ours(tables) => Some(tables),
        }
    }

    /// From where a migration begins; `None` if there is nothing for it to do.
    pub(super) fn outdated(&self) -> Option<usize> {
        match self {
            Self::Empty | Self::Foreign => Some(0),
            Self::Ours(Tables::Older(version)) => Some(*version),
            Self::Ours(_) => None,
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
    let mut meta = connection.prepare("SELECT name, value FROM outbox_meta")?;
    let rows: Vec<(String, String)> =
        meta.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<rusqlite::Result<_>>()?;
    Ok(Found::Ours(Tables::read(rows, VERSION)))
}

/// Creates the tables where they are missing, and what later versions added, in one transaction: after a crash
/// there is all of it or none. What was found.
pub(super) fn migrate(connection: &mut Connection) -> rusqlite::Result<Found> {
    let transaction = Transaction::new(connection, TransactionBehavior::Immediate)?;
    let found = inspect(&transaction)?;
    if let Some(from) = found.outdated() {
        transaction.execute_batch(&script(from))?;
    }
    transaction.commit()?;
    Ok(found)
}

/// What leads from a version to this program's; empty if nothing is missing.
pub(super) fn script(from: usize) -> String {
    tables::script(&STEPS, from, COMPATIBLE_FROM)
}
