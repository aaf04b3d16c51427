//! Opens a file, or says why it is none of ours.

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
use crate::store::{Looks, StoreError};

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
            looks: Looks::default(),
            stream_bell: watch::Sender::new(0),
            stream_clock: None,
        })
    }
}

pub(super) fn unusable(path: &Path, reason: String) -> StoreError {
    StoreError::Unusable { store: path.display().to_string(), reason }
}
