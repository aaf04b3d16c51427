//! Brings a file up to date, or gives the SQL that does.

use std::path::Path;

use super::connection::{self, Missing, store_error};
use super::schema::{self, Found};
use super::{SqliteStore, unusable};
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
        let found = connection::look(path).and_then(|connection| schema::inspect(&connection));
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

fn not_migrated(path: &Path, error: &rusqlite::Error) -> StoreError {
    match error {
        // Its own words hold the whole script.
        rusqlite::Error::SqlInputError { msg, .. } => unusable(
            path,
            format!(
                "{msg}: a table of the application has a name that the outbox needs. Give the outbox a file of its own"
            ),
        ),
        error => store_error(path, error),
    }
}
