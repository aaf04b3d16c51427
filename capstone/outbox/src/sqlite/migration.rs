//! Brings a file up to date, or gives the SQL that does.

use std::path::Path;

use super::SqliteStore;
use super::connection::{self, Missing, store_error};
use super::open::unusable;
use super::schema::{self, Found};
use crate::store::StoreError;
use crate::tables::Tables;

impl SqliteStore {
    /// Adds our tables where they are missing, and brings older ones up to date. `true`: there was something to do.
    /// Safe to repeat.
    ///
    /// # Errors
    /// The file is no database, cannot be written, or holds tables of a newer version that does not let this one in, or of an
    /// application that have our names.
    pub fn migrate(path: impl AsRef<Path>) -> Result<bool, StoreError> {
        let path = path.as_ref();
        let mut connection = connection::open(path, Missing::Create)?;
        let found = schema::migrate(&mut connection).map_err(|error| not_migrated(path, &error))?;
        refuse(path, &found)?;
        Ok(found.outdated().is_some())
    }

    /// The version of our tables, 0 if there are none: from where a [script](migration) would begin. `None`: there is nothing to do.
    ///
    /// # Errors
    /// Those of [`migrate`](Self::migrate), but for a file that is missing.
    pub fn outdated(path: impl AsRef<Path>) -> Result<Option<usize>, StoreError> {
        let path = path.as_ref();
        if !path.exists() {
            return Ok(Some(0));
        }
        let found = connection::open_as_it_is(path).and_then(|connection| schema::inspect(&connection));
        let found = found.map_err(|error| store_error(path, &error))?;
        refuse(path, &found)?;
        Ok(found.outdated())
    }
}

/// The statements that lead from a version of the tables to this program's, 0 from none, for a tool that keeps migrations:
/// all of them in one transaction. Empty if nothing is missing.
#[must_use]
pub fn migration(from: usize) -> String {
    schema::script(from)
}

/// Tables that a migration cannot bring up to date.
fn refuse(path: &Path, found: &Found) -> Result<(), StoreError> {
    let Found::Ours(tables @ Tables::Unknown(_)) = found else { return Ok(()) };
    tables.refusal(schema::VERSION, "").map_or(Ok(()), |reason| Err(unusable(path, reason)))
}

/// An application's table or index has a name that the outbox needs.
fn not_migrated(path: &Path, error: &rusqlite::Error) -> StoreError {
    let what = connection::words(error);
    if !what.ends_with("already exists") {
        return store_error(path, error);
    }
    unusable(path, format!("{what} and is not ours: rename it, or keep the outbox in a file of its own"))
}
