//! Opens a file, or says why it is none of ours, and brings its tables up to date.

use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::AtomicI64;

use tokio::sync::{Notify, watch};

use super::SqliteStore;
use super::connection::{self, Missing, store_error};
use super::identity::Files;
use super::schema::{self, Found};
use super::thread::Thread;
use crate::store::StoreError;

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
    /// The file is no database, cannot be written, or holds tables of a newer version.
    pub fn migrate(path: impl AsRef<Path>) -> Result<bool, StoreError> {
        let path = path.as_ref();
        let mut connection = connection::open(path, Missing::Create)?;
        match schema::migrate(&mut connection).map_err(|error| not_migrated(path, &error))? {
            Found::Empty | Found::Foreign | Found::Older(_) => Ok(true),
            Found::Current => Ok(false),
            Found::Unknown(version) => Err(unknown_version(path, &version)),
        }
    }

    fn open_with(path: &Path, missing: Missing) -> Result<Self, StoreError> {
        let failed = |error| store_error(path, &error);
        let mut connection = connection::open(path, missing)?;
        let found = match schema::inspect(&connection).map_err(failed)? {
            Found::Empty => schema::migrate(&mut connection).map_err(failed)?,
            found => found,
        };
        match found {
            Found::Empty | Found::Current => {}
            Found::Foreign => return Err(wants_migration(path, "has no outbox tables: add them")),
            Found::Older(version) => {
                let what = format!("its tables have version {version}, not {}: update them", schema::VERSION);
                return Err(wants_migration(path, &what));
            }
            Found::Unknown(version) => return Err(unknown_version(path, &version)),
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
            stream_bell: watch::Sender::new(0),
            stream_clock: None,
        })
    }
}

fn wants_migration(path: &Path, what: &str) -> StoreError {
    let path = path.display();
    let reason = format!("{what} with `capstone migrate --db sqlite:{path}`");
    StoreError::Unusable { store: path.to_string(), reason }
}

fn not_migrated(path: &Path, error: &rusqlite::Error) -> StoreError {
    let what = connection::words(error);
    if !what.ends_with("already exists") {
        return store_error(path, error);
    }
    let reason = format!("{what} and is not ours: rename it, or keep the outbox in a file of its own");
    StoreError::Unusable { store: path.display().to_string(), reason }
}

fn unknown_version(path: &Path, version: &str) -> StoreError {
    let reason = format!("its tables have version {version}, this program knows version {}", schema::VERSION);
    StoreError::Unusable { store: path.display().to_string(), reason }
}
