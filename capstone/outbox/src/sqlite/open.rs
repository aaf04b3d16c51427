//! Opens a file, or says why it is none of ours, and brings its tables up to date.

use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::AtomicI64;

use tokio::sync::{Notify, watch};

use super::SqliteStore;
use super::connection::{self, Missing, store_error};
use super::counted::Counted;
use super::identity::Files;
use super::schema::{self, Found};
use super::thread::Thread;
use crate::store::StoreError;
use crate::tables::Tables;

impl SqliteStore {
    /// Opens the database; a new or empty file gets its tables.
    ///
    /// # Errors
    /// [`StoreError::Unusable`] for a file that is no database or has several names (hard links), or an existing one without our
    /// tables: that belongs to an application, and [`migrate`](Self::migrate) adds them.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        Self::open_with(path.as_ref(), Missing::Create)
    }

    /// Like [`open`](Self::open), but a file that is missing is an error, and one that cannot be written can be looked at.
    ///
    /// # Errors
    /// Those of `open`, and the file is missing.
    pub fn open_existing(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        Self::open_with(path.as_ref(), Missing::Refuse)
    }

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

    /// The version of our tables, 0 if there are none: from where a [script](super::migration) would begin. `None`: there is nothing
    /// to do.
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

    fn open_with(path: &Path, missing: Missing) -> Result<Self, StoreError> {
        let failed = |error| store_error(path, &error);
        let mut connection = connection::open(path, missing)?;
        let migrate = format!("capstone migrate --db sqlite:{}", path.display());
        match schema::inspect(&connection).map_err(failed)? {
            Found::Empty => drop(schema::migrate(&mut connection).map_err(failed)?),
            Found::Foreign => {
                return Err(unusable(path, format!("has no outbox tables: add them with `{migrate}`")));
            }
            Found::Ours(tables) => {
                tables
                    .refusal(schema::VERSION, &migrate)
                    .map_or(Ok(()), |reason| Err(unusable(path, reason)))?;
            }
        }
        let files = Files::of(&connection, path);
        let path = files.database().to_owned();
        let thread = Thread::spawn(&path, connection).map_err(|error| StoreError::Unavailable {
            store: path.display().to_string(),
            reason: format!("cannot start its thread: {error}"),
        })?;
        Ok(Self {
            path,
            files,
            thread,
            committed: Notify::new(),
            data_version: AtomicI64::new(0),
            lane_lock: Mutex::new(None),
            counted: Counted::default(),
            stream_bell: watch::Sender::new(0),
            stream_clock: None,
        })
    }
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

fn unusable(path: &Path, reason: String) -> StoreError {
    StoreError::Unusable { store: path.display().to_string(), reason }
}
