//! The embedded store: one SQLite file, one thread that runs every statement.
//!
//! Start with [`SqliteStore::open`]. `open`, `connection`, `schema` and `migration` set a file up, `identity` knows which file it is, `thread` commits
//! in groups, `enqueue`, `inbox` and `publish` are the caller's side, `rows` and `lane` are the relay's, `operations`, `commands` and `status`
//! the operator's, `doctor` examines the file, `backup` copies it, `stream` is that of the durable topics, `clock` tells ages.

mod backup;
mod clock;
mod commands;
mod connection;
mod counted;
mod doctor;
mod due;
mod enqueue;
mod identity;
mod inbox;
mod lane;
mod migration;
mod open;
mod operations;
mod rows;
mod schema;
mod settle;
mod status;
mod stream;
#[cfg(test)]
mod tests;
mod thread;

use std::fs::File;
use std::path::PathBuf;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, Savepoint};
use thiserror::Error;
use tokio::sync::{Notify, watch};

pub use crate::batch::{Enqueued, Once};
pub use connection::configure;
pub use enqueue::{EnqueueError, InTransaction, enqueue, enqueue_many};
pub use inbox::Inbox;
pub use migration::migration;
pub use stream::{PublishError, publish, publish_many};

use crate::message::Seq;
use crate::store::{
    Budget, Changes, Due, DueLook, Fetched, Lane, Lease, Legacy, Look, Looks, Owner, Renewed, Settled,
    Status, Store, StoreError,
};
use crate::stream::rules::StreamClock;
use connection::store_error;
use counted::Counted;
use identity::{Checked, Files};
use lane::FileLock;
use thread::{Outcome, Thread};

/// How often other processes' commits are looked for: at first, and after a while without any.
const LOOK_MIN: Duration = Duration::from_millis(10);
const LOOK_MAX: Duration = Duration::from_millis(250);

/// A message store in an SQLite file. Share it behind an `Arc`; dropping the last one finishes what waits.
///
/// When another file is moved to its place, or its log is removed, every method fails with [`StoreError::Unusable`] from a second
/// later on, for good. A connection of the application's own is not told: stop what uses a file before replacing it.
pub struct SqliteStore {
    /// The file's one name, whatever path led to it.
    path: PathBuf,
    files: Files,
    thread: Thread,
    /// Rung after each commit made through this store that may have enqueued something.
    committed: Notify,
    /// `PRAGMA data_version` when it was last looked at: moves with other connections' commits.
    data_version: AtomicI64,
    /// Held while this process owns the lane; the operating system drops it with the process.
    lane_lock: Mutex<Option<LaneLock>>,
    /// The numbers that the relay has seen.
    counted: Counted,
    looks: Looks,
    /// Rung when somebody who waits for a stream may find something.
    stream_bell: watch::Sender<u64>,
    /// Instead of the database's clock.
    stream_clock: Option<StreamClock>,
}

/// Which relay of this process owns the lane.
struct LaneLock {
    owner: Owner,
    /// `None`: a stopped process still has it, since it has not noticed yet that it owns nothing any more.
    file: Option<File>,
}

impl SqliteStore {
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
        let body = move |tx: &Savepoint<'_>| {
            stream::has_published();
            Ok((body(tx)?, stream::has_published()))
        };
        self.check_files().await.map_err(TransactionError::Store)?;
        match self.thread.write(body).await.map_err(TransactionError::Store)? {
            Outcome::Committed((value, has_published)) => {
                self.committed.notify_one();
                if has_published {
                    self.ring();
                }
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
        self.read(status::status).await
    }

    /// Moves with other connections' commits.
    async fn data_version(&self) -> Result<i64, StoreError> {
        self.read(|connection| connection.query_row("PRAGMA data_version", [], |row| row.get(0))).await
    }

    fn lane_lock(&self) -> MutexGuard<'_, Option<LaneLock>> {
        self.lane_lock.lock().expect("nothing panics while it is held")
    }

    /// Tries again to get the file lock, if the owner of the lane has none.
    fn check_lock(&self, owner: &Owner) -> Result<FileLock, StoreError> {
        match &mut *self.lane_lock() {
            Some(LaneLock { owner: current, file }) if current == owner => {
                if file.is_none() {
                    *file = lane::lock(&self.path)?;
                }
                Ok(if file.is_some() { FileLock::Ours } else { FileLock::Elsewhere })
            }
            _ => Ok(FileLock::Elsewhere),
        }
    }

    /// The lane is not that relay's any more.
    fn unlock(&self, owner: &Owner) {
        self.lane_lock().take_if(|lock| lock.owner == *owner);
    }

    /// Fails for good once the path leads to other files than those that are open: looks once a second.
    async fn check_files(&self) -> Result<(), StoreError> {
        match self.files.check() {
            Checked::Same => Ok(()),
            Checked::Lost(error) => Err(error),
            Checked::LostLog(error) => {
                let save =
                    |connection: &mut Connection| connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)");
                if let Err(failed) = self.thread.read(save).await? {
                    tracing::warn!("{}: cannot save what its log holds: {failed}", self.path.display());
                }
                Err(error)
            }
        }
    }

    /// One of the relay's own reads.
    async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&mut rusqlite::Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.check_files().await?;
        self.thread.read(read).await?.map_err(|error| store_error(&self.path, &error))
    }

    /// One of the relay's own writes.
    async fn write<T: Send + 'static>(
        &self,
        write: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.check_files().await?;
        match self.thread.write_own(write).await? {
            Outcome::Committed(value) => Ok(value),
            Outcome::Undone(error) => Err(store_error(&self.path, &error)),
            Outcome::Panicked(text) => unreachable!("our own statements do not panic: {text}"),
        }
    }
}

impl Drop for SqliteStore {
    fn drop(&mut self) {
        // SQLite would take the log of others, which lies where its own was, and delete it.
        if self.files.is_log_of_another() {
            let keep = |tx: &Connection| {
                tx.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true).map(drop)
            };
            self.thread.write_later(keep, || ());
        }
    }
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
    async fn renew(&self, owner: &Owner, ttl: Duration) -> Result<Renewed, StoreError> {
        let lock = self.check_lock(owner)?;
        let (named, unread) = (owner.clone(), self.looks.unread([lane::LANE]));
        let renew = self.write(move |tx| {
            let lease = lane::renew(tx, &named, ttl, lock, &unread)?;
            let commands = if lease.is_some() { commands::waiting(tx)? } else { Vec::new() };
            Ok((lease, commands, commands::paused(tx)?.is_some()))
        });
        let (lease, commands, is_paused) = renew.await?;
        match lease {
            None => self.unlock(owner),
            // Taken by a call that was dropped before it could remember.
            Some(_) if lock == FileLock::Elsewhere => {
                self.lane_lock().get_or_insert_with(|| LaneLock { owner: owner.clone(), file: None });
            }
            Some(_) => {}
        }
        // There is one lane: nobody has more than his share, so nobody needs to know how many others wait.
        Ok(Renewed { leases: lease.into_iter().collect(), relays: 1, commands, is_paused })
    }

    async fn acquire(&self, owner: &Owner, lanes_max: u16, ttl: Duration) -> Result<Vec<Lease>, StoreError> {
        if lanes_max == 0 {
            return Ok(Vec::new());
        }
        let file = lane::lock(&self.path)?;
        let lock = if file.is_some() { FileLock::Ours } else { FileLock::Elsewhere };
        let named = owner.clone();
        let lease = self.write(move |tx| lane::acquire(tx, &named, ttl, lock)).await?;
        if lease.is_some() {
            self.looks.note([lane::LANE]);
            *self.lane_lock() = Some(LaneLock { owner: owner.clone(), file });
        }
        Ok(lease.into_iter().collect())
    }

    async fn release(&self, leases: &[Lease]) -> Result<(), StoreError> {
        for lease in leases.iter().copied() {
            if self.write(move |tx| lane::release(tx, lease)).await? {
                *self.lane_lock() = None;
            }
        }
        Ok(())
    }

    async fn leave(&self, owner: &Owner) -> Result<(), StoreError> {
        let named = owner.clone();
        self.write(move |tx| lane::leave(tx, &named)).await?;
        self.unlock(owner);
        Ok(())
    }

    async fn legacy(&self, _only_lane: &[Lane]) -> Result<Legacy, StoreError> {
        self.read(|connection| lane::legacy(connection)).await
    }

    async fn fetch(&self, look: &Look, budget: Budget) -> Result<Fetched, StoreError> {
        let Some(cursor) = look.cursors.first().copied() else { return Ok(Fetched::default()) };
        let (fetched, counter) =
            self.read(move |connection| rows::fetch(connection, cursor.after, budget)).await?;
        self.looks.note([cursor.lease.lane]);
        if self.counted.has_fallen(cursor.lease, counter) {
            return Ok(Fetched { is_void: true, ..Fetched::default() });
        }
        Ok(fetched)
    }

    async fn due(&self, look: &DueLook, budget: Budget) -> Result<Due, StoreError> {
        let look = look.clone();
        self.read(move |connection| due::due(connection, &look, budget)).await
    }

    async fn fetch_spilled(
        &self,
        lease: Lease,
        key: &str,
        after: Seq,
        upto: Seq,
        budget: Budget,
    ) -> Result<Fetched, StoreError> {
        let key = key.to_owned();
        let read = self.read(move |connection| {
            let fetched = rows::fetch_spilled(connection, &key, after, upto, budget)?;
            // A lease that holds now has held while the rows were read.
            Ok(lane::is_held(connection, lease)?.then_some(fetched))
        });
        Ok(read.await?.unwrap_or_else(|| Fetched { is_void: true, ..Fetched::default() }))
    }

    async fn settle(&self, changes: &Changes) -> Result<Settled, StoreError> {
        let changes = changes.clone();
        self.write(move |tx| settle::settle(tx, &changes)).await
    }

    fn full(&self, lanes: &[Lane]) {
        self.looks.note(lanes.iter().copied());
    }

    async fn changed(&self) {
        let mut pause = LOOK_MIN;
        loop {
            // Both are cancel safe: a permit that is not taken stays, and a sleep holds nothing.
            tokio::select! {
                () = self.committed.notified() => return,
                () = tokio::time::sleep(pause) => {}
            }
            let Ok(version) = self.data_version().await else { continue };
            if self.data_version.swap(version, Ordering::Relaxed) != version {
                return;
            }
            pause = (pause * 2).min(LOOK_MAX);
        }
    }
}
