//! How a connection is set up: the same for the store's thread and, through [`configure`], for applications.

use std::cell::Cell;
use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::config::DbConfig;
use rusqlite::ffi::SQLITE_READONLY_DIRECTORY;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::identity;
use crate::store::StoreError;

const READ_WRITE: OpenFlags = OpenFlags::SQLITE_OPEN_READ_WRITE.union(OpenFlags::SQLITE_OPEN_NO_MUTEX);
const READ_ONLY: OpenFlags =
    OpenFlags::SQLITE_OPEN_READ_ONLY.union(OpenFlags::SQLITE_OPEN_NO_MUTEX).union(OpenFlags::SQLITE_OPEN_URI);

/// Before 3.51.3 a WAL file could be reset under a reader and corrupt the database.
pub(super) const SQLITE_MIN: i32 = 3_051_003;
/// The write-ahead log is cut down to this when it begins anew: after a long reader it would keep its size for ever.
const WAL_KEPT_BYTES: u32 = 16 * 1024 * 1024;
/// How long somebody else's lock is waited for.
pub(super) const BUSY_MAX: Duration = Duration::from_secs(5);

/// Sets up a connection that shares its database with a relay.
///
/// WAL, `synchronous=FULL` (with NORMAL a power cut can forget a commit that was already published), and a
/// busy handler that waits up to 5 s in naps of 10 to 100 µs. Not `busy_timeout`: its naps grow to 100 ms, and a
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
    let mut connection = match missing {
        Missing::Create => Connection::open_with_flags(path, READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE),
        Missing::Refuse => open_as_it_is(path),
    }
    .map_err(failed)?;
    let name = identity::name(&connection, path);
    let names = identity::names(&name);
    if names > 1 {
        let reason = format!(
            "has {names} names (hard links), and a log for each: who writes by one damages what the others see. Keep one of \
             them; `find / -xdev -samefile {}` lists them",
            name.display()
        );
        return Err(StoreError::Unusable { store: path.display().to_string(), reason });
    }
    // Else SQLite prepares a cached statement anew at each use, where the plan might depend on a value: a third of its time for keys in
    // trouble.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map_err(failed)?;
    if connection.is_readonly("main").map_err(failed)? {
        wait_while_busy(&mut connection).map_err(failed)?;
    } else {
        configure(&mut connection).map_err(failed)?;
    }
    Ok(connection)
}

/// Opens a file that is there and leaves its settings alone. One that cannot be written is opened for reading.
///
/// SQLite reads a database with a log through an index that readers write, too. Where nobody may write there is no log, unless a
/// process was killed or one that may write is at work.
pub(super) fn open_as_it_is(path: &Path) -> rusqlite::Result<Connection> {
    let mut connection = Connection::open_with_flags(path, READ_WRITE)?;
    wait_while_busy(&mut connection)?;
    let read = |connection: &Connection| {
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get::<_, i64>(0))
    };
    let Err(error) = read(&connection) else { return Ok(connection) };
    let name = identity::name(&connection, path);
    let is_unwritable =
        matches!(error.sqlite_error_code(), Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen))
            && name.exists();
    if !is_unwritable || has_log(&name) {
        return Err(error);
    }
    let connection = Connection::open_with_flags(immutable(&name), READ_ONLY)?;
    read(&connection)?;
    Ok(connection)
}

/// The address under which SQLite looks for no log, and takes no lock.
fn immutable(path: &Path) -> String {
    let mut address = "file:".to_owned();
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'/' | b'.' | b'-' | b'_' => address.push(char::from(*byte)),
            byte if byte.is_ascii_alphanumeric() => address.push(char::from(*byte)),
            byte => address += &format!("%{byte:02X}"),
        }
    }
    address + "?immutable=1"
}

/// Empties a write-ahead log that is larger than it needs to be. Whoever reads or writes just now is not waited for: then the
/// next time.
pub(super) async fn shrink_wal(path: &Path) {
    let mut wal = path.as_os_str().to_owned();
    wal.push("-wal");
    let path = path.to_owned();
    let shrunk = tokio::task::spawn_blocking(move || {
        if std::fs::metadata(&wal).is_ok_and(|file| file.len() > WAL_KEPT_BYTES.into()) {
            let connection = Connection::open_with_flags(path, READ_WRITE)?;
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
        Some(ErrorCode::CannotOpen) if !path.exists() => missing(path),
        Some(ErrorCode::CannotOpen) if has_log(path) => {
            "cannot be read: its log (-wal) wants a -shm file beside it, and this user cannot make one there"
                .to_owned()
        }
        Some(ErrorCode::DatabaseCorrupt) => format!("the database is damaged: {error}"),
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied | ErrorCode::CannotOpen) => {
            let is_folder =
                error.sqlite_error().map(|error| error.extended_code) == Some(SQLITE_READONLY_DIRECTORY);
            let why = if is_folder {
                "its folder is read-only, and SQLite keeps a log beside the file".to_owned()
            } else {
                error.to_string()
            };
            format!("cannot be written: {why}")
        }
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            let reason = format!("locked by another process for {} s", BUSY_MAX.as_secs());
            return StoreError::Unavailable { store, reason };
        }
        Some(
            ErrorCode::DiskFull
            | ErrorCode::SystemIoFailure
            | ErrorCode::OutOfMemory
            | ErrorCode::OperationInterrupted
            | ErrorCode::FileLockingProtocolFailed
            | ErrorCode::SchemaChanged,
        ) => return StoreError::Unavailable { store, reason: words(error) },
        // What time is not known to heal ends a relay with its words, as on PostgreSQL: retried for ever it would tell nobody.
        _ => words(error),
    };
    StoreError::Unusable { store, reason }
}

/// Without the whole statement, which may be a script of many lines.
pub(super) fn words(error: &rusqlite::Error) -> String {
    match error {
        rusqlite::Error::SqlInputError { msg, .. } => msg.clone(),
        error => error.to_string(),
    }
}

fn missing(path: &Path) -> String {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    if folder.is_some_and(|folder| !folder.is_dir()) {
        return "its folder is missing".to_owned();
    }
    format!("no such file; if the path is right, `capstone migrate --db sqlite:{}` makes one", path.display())
}

/// Whether commits lie in a log beside the file, and not yet in the file.
fn has_log(path: &Path) -> bool {
    let name = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    std::fs::metadata(identity::beside(&name, "-wal")).is_ok_and(|log| log.len() > 0)
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
