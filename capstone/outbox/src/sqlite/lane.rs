//! Who owns the lane: a lease in the database, and a file lock that dies with its process.
//!
//! The lock frees the lane of a killed process at once; the lease frees that of a stopped one after its time.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::ErrorKind;
use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension};

use super::clock::NOW_MS;
use super::identity;
use crate::message::{MessageId, RowId, Seq};
use crate::store::{Epoch, Lane, Lease, Legacy, Owner, Started, StoreError};

/// The only one.
pub(super) const LANE: Lane = Lane(0);

/// Takes the lock beside the database, or says that a living process has it.
///
/// A file of its own: closing a second handle of the database itself would drop SQLite's locks on it. Whoever may read it may lock
/// it: the first relay may have run as another user.
pub(super) fn lock(database: &Path) -> Result<Option<File>, StoreError> {
    let name = identity::beside(database, "-relay");
    let unavailable = |error: std::io::Error| {
        let (store, reason) =
            (database.display().to_string(), format!("cannot lock {}: {error}", name.display()));
        if error.kind() != ErrorKind::PermissionDenied {
            return StoreError::Unavailable { store, reason };
        }
        let advice = format!("its owner lets this user have it with `chmod a+r {}`", name.display());
        StoreError::Unusable { store, reason: format!("{reason}: {advice}") }
    };
    let file = match OpenOptions::new().create(true).truncate(false).write(true).open(&name) {
        Err(error) if error.kind() == ErrorKind::PermissionDenied => File::open(&name),
        opened => opened,
    }
    .map_err(unavailable)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(unavailable(error)),
    }
}

/// Whether this process has the file lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FileLock {
    Ours,
    Elsewhere,
}

pub(super) fn acquire(
    connection: &Connection,
    owner: &Owner,
    ttl: Duration,
    lock: FileLock,
) -> rusqlite::Result<Option<Lease>> {
    // A stopped owner keeps the lock until it notices that it is none any more. Its successor works without, and is
    // not dead because somebody else can have the lock.
    //
    // The epoch is the time, unless that is behind: so it grows also when the database was restored from a backup.
    let sql = format!(
        "UPDATE outbox_lane SET owner = ?1, epoch = max(epoch + 1, {NOW_MS}), expires_ms = {NOW_MS} + ?2, locked = ?3,
                abandoned = owner IS NOT NULL, unread = 0
          WHERE lane = 0 AND (owner IS NULL OR expires_ms <= {NOW_MS} OR (?3 AND locked)) RETURNING epoch"
    );
    let is_ours = lock == FileLock::Ours;
    let epoch =
        connection.query_row(&sql, (owner.as_str(), millis(ttl), is_ours), |row| row.get(0)).optional()?;
    Ok(epoch.map(|epoch| Lease { lane: LANE, epoch: Epoch(epoch) }))
}

pub(super) fn renew(
    connection: &Connection,
    owner: &Owner,
    ttl: Duration,
    lock: FileLock,
    unread: &[Lane],
) -> rusqlite::Result<Option<Lease>> {
    let sql = format!(
        "UPDATE outbox_lane SET expires_ms = {NOW_MS} + ?2, locked = ?3, unread = ?4
          WHERE lane = 0 AND owner = ?1 RETURNING epoch"
    );
    let (is_ours, is_unread) = (lock == FileLock::Ours, unread.contains(&LANE));
    let parameters = (owner.as_str(), millis(ttl), is_ours, is_unread);
    let epoch = connection.query_row(&sql, parameters, |row| row.get(0)).optional()?;
    Ok(epoch.map(|epoch| Lease { lane: LANE, epoch: Epoch(epoch) }))
}

/// Whether the lease held until now.
pub(super) fn release(connection: &Connection, lease: Lease) -> rusqlite::Result<bool> {
    let sql = "UPDATE outbox_lane SET owner = NULL, expires_ms = 0, epoch = epoch + 1 WHERE lane = ?1 AND epoch = ?2";
    Ok(connection.execute(sql, (lease.lane.0, lease.epoch.0))? == 1)
}

pub(super) fn leave(connection: &Connection, owner: &Owner) -> rusqlite::Result<()> {
    let sql = "UPDATE outbox_lane SET owner = NULL, expires_ms = 0, epoch = epoch + 1 WHERE owner = ?1";
    connection.execute(sql, [owner.as_str()]).map(drop)
}

/// Whether the lease still holds, asked inside the transaction that depends on it.
pub(super) fn is_held(connection: &Connection, lease: Lease) -> rusqlite::Result<bool> {
    let sql = "SELECT count(*) FROM outbox_lane WHERE lane = ?1 AND epoch = ?2 AND owner IS NOT NULL";
    connection.query_row(sql, (lease.lane.0, lease.epoch.0), |row| Ok(row.get::<_, i64>(0)? == 1))
}

/// How the lane was left, and what was under way then.
pub(super) fn legacy(connection: &Connection) -> rusqlite::Result<Legacy> {
    let abandoned = "SELECT abandoned FROM outbox_lane WHERE lane = 0";
    let is_abandoned: bool = connection.query_row(abandoned, [], |row| row.get(0))?;
    let mut started =
        connection.prepare("SELECT seq, id, starts FROM outbox_started JOIN outbox USING (seq, id)")?;
    let started = started
        .query_map([], |row| {
            let id = RowId { seq: Seq(row.get(0)?), id: MessageId::from_bytes(row.get(1)?) };
            Ok(Started { lane: LANE, row: id, starts: row.get(2)? })
        })?
        .collect::<rusqlite::Result<_>>()?;
    Ok(Legacy { abandoned: is_abandoned.then_some(LANE).into_iter().collect(), started })
}

/// Writes down that a row's publishing begins, or that it has an outcome. Rows that are gone are forgotten with it.
pub(super) fn started(connection: &Connection, row: RowId, starts: u32) -> rusqlite::Result<()> {
    if starts == 0 {
        let forget = "DELETE FROM outbox_started WHERE seq = ?1
            OR NOT EXISTS (SELECT 1 FROM outbox WHERE (outbox.seq, outbox.id) = (outbox_started.seq, outbox_started.id))";
        return connection.prepare_cached(forget)?.execute([row.seq.0]).map(drop);
    }
    let sql = "INSERT INTO outbox_started (seq, id, starts) VALUES (?1, ?2, ?3)
               ON CONFLICT (seq) DO UPDATE SET id = excluded.id, starts = excluded.starts";
    connection.prepare_cached(sql)?.execute((row.seq.0, row.id.as_bytes(), starts)).map(drop)
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
