//! The embedded store: one SQLite file, one thread that runs every statement.
//!
//! Start with [`SqliteStore::open`]. `connection` and `schema` set a file up, `thread` commits in groups,
//! `enqueue` is the caller's side, `rows` and `lane` are the relay's.

mod connection;
mod enqueue;
mod lane;
mod rows;
mod schema;
mod thread;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use rusqlite::Savepoint;
use thiserror::Error;
use tokio::sync::Notify;

pub use connection::configure;
pub use enqueue::{EnqueueError, Enqueued, InTransaction, enqueue};

use crate::message::{Ident, Seq};
use crate::store::{Budget, Changes, Fetched, Held, Lease, Owner, Settled, Status, Store, StoreError};
use connection::{Missing, store_error};
use lane::FileLock;
use schema::Found;
use thread::{Outcome, Thread};

/// How often other processes' commits are looked for: at first, and after a while without any.
const LOOK_MIN: Duration = Duration::from_millis(10);
const LOOK_MAX: Duration = Duration::from_millis(250);

/// A message store in an SQLite file. Share it behind an `Arc`; dropping the last one finishes what waits.
pub struct SqliteStore {
    path: PathBuf,
    thread: Thread,
    /// Rung after each commit made through this store that may have enqueued something.
    committed: Notify,
    /// `PRAGMA data_version` when it was last looked at: moves with other connections' commits.
    data_version: AtomicI64,
    /// Held while this process owns the lane; the operating system drops it with the process.
    lane_lock: Mutex<Option<File>>,
}

impl SqliteStore {
    /// Opens the database; a new or empty file gets its tables.
    ///
    /// # Errors
    /// [`StoreError::Unusable`] for a file that is no database, or an existing one without our tables: that
    /// belongs to an application, and [`migrate`](Self::migrate) adds them.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        Self::open_with(path.as_ref(), Missing::Create)
    }

    /// Like [`open`](Self::open), but a file that is missing is an error.
    ///
    /// # Errors
    /// Those of `open`, and the file is missing.
    pub fn open_existing(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        Self::open_with(path.as_ref(), Missing::Refuse)
    }

    /// Adds our tables where they are missing. `true`: there were none. Safe to repeat.
    ///
    /// # Errors
    /// The file is no database, cannot be written, or holds tables of another version.
    pub fn migrate(path: impl AsRef<Path>) -> Result<bool, StoreError> {
        let path = path.as_ref();
        let mut connection = connection::open(path, Missing::Create)?;
        match schema::migrate(&mut connection).map_err(|error| store_error(path, &error))? {
            Found::Empty | Found::Foreign => Ok(true),
            Found::Current => Ok(false),
            Found::Other(version) => Err(other_version(path, &version)),
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
            Found::Foreign => {
                let reason = format!(
                    "has no outbox tables: add them with `capstone migrate --db sqlite:{}`",
                    path.display()
                );
                return Err(StoreError::Unusable { store: path.display().to_string(), reason });
            }
            Found::Other(version) => return Err(other_version(path, &version)),
        }
        let thread = Thread::spawn(path, connection).map_err(|error| StoreError::Unavailable {
            store: path.display().to_string(),
            reason: format!("cannot start its thread: {error}"),
        })?;
        Ok(Self {
            path: path.to_owned(),
            thread,
            committed: Notify::new(),
            data_version: AtomicI64::new(0),
            lane_lock: Mutex::new(None),
        })
    }

    /// Runs the caller's writes, business rows and [`enqueue`]s alike, as one unit: all of them are committed
    /// when it returns `Ok`, none when it returns `Err`.
    ///
    /// Callers that wait at the same time share one commit and its fsync. The closure runs on the store's
    /// thread, so it should hold statements and nothing slow.
    ///
    /// # Errors
    /// [`TransactionError::RolledBack`] with the closure's own error; [`TransactionError::Panicked`];
    /// [`TransactionError::Store`] when the commit failed.
    ///
    /// # Cancel safety
    /// Dropped before the closure has begun, nothing is done. Dropped later, the closure still runs to its
    /// end and is committed or undone as a whole: the outcome is unknown to the caller.
    pub async fn transaction<T, E>(
        &self,
        body: impl FnOnce(&Savepoint<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, TransactionError<E>>
    where
        T: Send + 'static,
        E: Send + 'static,
    {
        match self.thread.write(body).await.map_err(TransactionError::Store)? {
            Outcome::Committed(value) => {
                self.committed.notify_one();
                Ok(value)
            }
            Outcome::Undone(error) => Err(TransactionError::RolledBack(error)),
            Outcome::Panicked(text) => Err(TransactionError::Panicked(text)),
        }
    }

    /// What waits, what is held, what was given up.
    ///
    /// # Errors
    /// The file cannot be read.
    ///
    /// # Cancel safety
    /// Reads only.
    pub async fn status(&self) -> Result<Status, StoreError> {
        self.read(rows::status).await
    }

    fn lane_lock(&self) -> MutexGuard<'_, Option<File>> {
        self.lane_lock.lock().expect("nothing panics while it is held")
    }

    /// One of the relay's own reads.
    async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&mut rusqlite::Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.thread.read(read).await?.map_err(|error| store_error(&self.path, &error))
    }

    /// One of the relay's own writes.
    async fn write<T: Send + 'static>(
        &self,
        write: impl FnOnce(&Savepoint<'_>) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        match self.thread.write(write).await? {
            Outcome::Committed(value) => Ok(value),
            Outcome::Undone(error) => Err(store_error(&self.path, &error)),
            Outcome::Panicked(text) => unreachable!("our own statements do not panic: {text}"),
        }
    }
}

fn other_version(path: &Path, version: &str) -> StoreError {
    let reason = format!("its tables have version {version}, this program knows version 1");
    StoreError::Unusable { store: path.display().to_string(), reason }
}

/// Why a transaction was not committed, or may not have been.
#[derive(Debug, Error)]
pub enum TransactionError<E> {
    /// The closure returned this; everything it wrote was undone.
    #[error(transparent)]
    RolledBack(E),
    /// The closure panicked; everything it wrote was undone.
    #[error("the transaction panicked and was rolled back: {0}")]
    Panicked(String),
    /// The store failed; nothing was committed.
    #[error(transparent)]
    Store(StoreError),
}

impl Store for SqliteStore {
    async fn acquire(&self, owner: &Owner, ttl: Duration) -> Result<Option<Lease>, StoreError> {
        let (file, owner) = (lane::lock(&self.path)?, owner.clone());
        let lock = if file.is_some() { FileLock::Ours } else { FileLock::Elsewhere };
        let lease = self.write(move |tx| lane::acquire(tx, &owner, ttl, lock)).await?;
        if lease.is_some() {
            *self.lane_lock() = file;
        }
        Ok(lease)
    }

    async fn renew(&self, lease: &Lease, ttl: Duration) -> Result<bool, StoreError> {
        let file = match self.lane_lock().take() {
            Some(file) => Some(file),
            // Taken over from a stopped process, which kept the lock until it noticed.
            None => lane::lock(&self.path)?,
        };
        let lock = if file.is_some() { FileLock::Ours } else { FileLock::Elsewhere };
        *self.lane_lock() = file;
        let lease = lease.clone();
        let renewed = self.write(move |tx| lane::renew(tx, &lease, ttl, lock)).await?;
        if !renewed {
            *self.lane_lock() = None;
        }
        Ok(renewed)
    }

    async fn release(&self, lease: &Lease) -> Result<(), StoreError> {
        let lease = lease.clone();
        self.write(move |tx| lane::release(tx, &lease)).await?;
        *self.lane_lock() = None;
        Ok(())
    }

    async fn held(&self) -> Result<Vec<Held>, StoreError> {
        self.read(|connection| rows::held(connection)).await
    }

    async fn fetch(&self, after: Seq, budget: Budget) -> Result<Fetched, StoreError> {
        self.read(move |connection| rows::fetch(connection, after, budget)).await
    }

    async fn fetch_held(&self, ident: &Ident, after: Seq, budget: Budget) -> Result<Fetched, StoreError> {
        let ident = ident.clone();
        self.read(move |connection| rows::fetch_held(connection, &ident, after, budget)).await
    }

    async fn settle(&self, lease: &Lease, changes: &Changes) -> Result<Settled, StoreError> {
        let (lease, changes) = (lease.clone(), changes.clone());
        self.write(move |tx| rows::settle(tx, &lease, &changes)).await
    }

    async fn changed(&self) {
        let mut pause = LOOK_MIN;
        loop {
            // Both are cancel safe: a permit that is not taken stays, and a sleep holds nothing.
            tokio::select! {
                () = self.committed.notified() => return,
                () = tokio::time::sleep(pause) => {}
            }
            let look = self.read(|connection| {
                connection.query_row("PRAGMA data_version", [], |row| row.get::<_, i64>(0))
            });
            let Ok(version) = look.await else { continue };
            if self.data_version.swap(version, Ordering::Relaxed) != version {
                return;
            }
            pause = (pause * 2).min(LOOK_MAX);
        }
    }
}
