//! How a connection is set up: the same for the store's thread and, through [`configure`], for applications.

use std::cell::Cell;
use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::{Connection, ErrorCode, OpenFlags};

use crate::store::StoreError;

/// Before 3.51.3 a WAL file could be reset under a reader and corrupt the database.
pub(super) const SQLITE_MIN: i32 = 3_051_003;
/// The write-ahead log is cut down to this when it begins anew: after a long reader it would keep its size for ever.
const WAL_KEPT_BYTES: u32 = 16 * 1024 * 1024;
/// How long somebody else's lock is waited for.
pub(super) const BUSY_MAX: Duration = Duration::from_secs(5);

/// Sets up a connection that shares its database with a relay.
///
/// WAL, `synchronous=FULL` (with NORMAL a power cut can forget a commit that was already published), a
/// `journal_size_limit` of 16 MiB, and a busy handler that waits up to 5 s in naps of 10 to 100 µs. Not `busy_timeout`: its naps grow to 100 ms, and a
/// writer that waits so loses every race against one that commits in a loop.
///
/// # Errors
/// The file cannot be read or is locked.
pub fn configure(connection: &mut Connection) -> rusqlite::Result<()> {
    wait_while_busy(connection)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "journal_size_limit", WAL_KEPT_BYTES)?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(())
}

pub(super) fn wait_while_busy(connection: &mut Connection) -> rusqlite::Result<()> {
    connection.busy_handler(Some(nap_while_busy))
}

/// Whether opening may create the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Missing {
    Create,
    Refuse,
}

pub(super) fn open(path: &Path, missing: Missing) -> Result<Connection, StoreError> {
    let failed = |error| store_error(path, &error);
    assert!(rusqlite::version_number() >= SQLITE_MIN, "built against SQLite older than 3.51.3");
    let mut flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    if missing == Missing::Create {
        flags |= OpenFlags::SQLITE_OPEN_CREATE;
    }
    let mut connection = Connection::open_with_flags(path, flags).map_err(failed)?;
    configure(&mut connection).map_err(failed)?;
    Ok(connection)
}

/// Empties a write-ahead log that is larger than it needs to be. Whoever reads or writes just now is not waited for: then the
/// next time.
pub(super) async fn shrink_wal(path: &Path) {
    let mut wal = path.as_os_str().to_owned();
    wal.push("-wal");
    let path = path.to_owned();
    let shrunk = tokio::task::spawn_blocking(move || {
        if std::fs::metadata(&wal).is_ok_and(|file| file.len() > WAL_KEPT_BYTES.into()) {
            let connection = Connection::open_with_flags(
                path,
                OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
            )?;
            // The first does the work without a lock on writers, the second has little left to do.
            for mode in ["PASSIVE", "TRUNCATE"] {
                connection.query_row(&format!("PRAGMA wal_checkpoint({mode})"), [], |_| Ok(()))?;
            }
        }
        Ok::<(), rusqlite::Error>(())
    });
    match shrunk.await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::debug!("the write-ahead log stays as it is: {error}"),
        Err(panic) => std::panic::resume_unwind(panic.into_panic()),
    }
}

/// Sorts SQLite's errors by what the caller can do.
pub(super) fn store_error(path: &Path, error: &rusqlite::Error) -> StoreError {
    let store = path.display().to_string();
    let reason = match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => "not an SQLite database".to_owned(),
        Some(ErrorCode::CannotOpen) if !path.exists() => "no such file, or its folder is missing".to_owned(),
        Some(ErrorCode::DatabaseCorrupt) => format!("the database is damaged: {error}"),
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied | ErrorCode::CannotOpen) => {
            format!("cannot be written: {error}")
        }
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            let reason = format!("locked by another process for {} s", BUSY_MAX.as_secs());
            return StoreError::Unavailable { store, reason };
        }
        _ => return StoreError::Unavailable { store, reason: error.to_string() },
    };
    StoreError::Unusable { store, reason }
}

thread_local! {
    static BUSY_SINCE: Cell<Option<Instant>> = const { Cell::new(None) };
}

/// SQLite calls this on the thread that waits, with how often it has called before for the same lock.
#[expect(clippy::disallowed_methods, reason = "runs on a thread of SQLite's caller, outside any runtime")]
fn nap_while_busy(calls_before: i32) -> bool {
    if calls_before == 0 {
        BUSY_SINCE.set(Some(Instant::now()));
    }
    let waited = BUSY_SINCE.get().map_or(Duration::ZERO, |since| since.elapsed());
    if waited >= BUSY_MAX {
        return false;
    }
    std::thread::sleep(Duration::from_micros(fastrand::u64(10..=100)));
    true
}
