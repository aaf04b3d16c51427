//! A copy of the database, made while others read and write it.

use std::fs::{self, File};
use std::path::Path;

use rusqlite::Connection;
use rusqlite::backup::{Backup, StepResult};

use super::connection::{self, store_error};
use super::{SqliteStore, identity};
use crate::store::StoreError;

impl SqliteStore {
    /// Copies the database, the application's tables and ours, to a new file. What the copy holds is what was committed at one
    /// moment; nobody waits for it meanwhile. It has its name once it is complete and on the disk; until then its name ends with
    /// `.part`.
    ///
    /// To put it back, first stop every process that uses the database, then remove its `-wal` and `-shm` with it. A relay delivers again
    /// what had been delivered since the copy was made.
    ///
    /// # Errors
    /// The database cannot be read, the copy cannot be written, or there is such a file already.
    pub fn backup(path: impl AsRef<Path>, to: impl AsRef<Path>) -> Result<(), StoreError> {
        let (path, to) = (path.as_ref(), to.as_ref());
        if to.symlink_metadata().is_ok() {
            let (store, reason) = (to.display().to_string(), "there is such a file already".to_owned());
            return Err(StoreError::Unusable { store, reason });
        }
        let from = connection::open_as_it_is(path).map_err(|error| store_error(path, &error))?;
        let (path, part) = (identity::name(&from, path), identity::beside(to, ".part"));
        copy(&from, &path, &part).and_then(|()| keep(&part, to)).inspect_err(|_| {
            // What is left of it is of no use, and may not even be there.
            let _ = fs::remove_file(&part);
        })
    }
}

/// All pages in one step: in several, SQLite would begin again after each commit of others, and might never come to an end.
fn copy(from: &Connection, path: &Path, part: &Path) -> Result<(), StoreError> {
    // One that was killed may have left it.
    let _ = fs::remove_file(part);
    let mut to = Connection::open(part).map_err(|error| store_error(part, &error))?;
    // Before there is anything in it that others may not read.
    fs::metadata(path)
        .and_then(|original| fs::set_permissions(part, original.permissions()))
        .map_err(|error| unavailable(part, &error))?;
    let step = Backup::new(from, &mut to).and_then(|backup| backup.step(-1));
    match step.map_err(|error| store_error(part, &error))? {
        StepResult::Done => to.close().map_err(|(_, error)| store_error(part, &error)),
        _ => {
            let (store, reason) = (path.display().to_string(), "locked by another process".to_owned());
            Err(StoreError::Unavailable { store, reason })
        }
    }
}

fn keep(part: &Path, to: &Path) -> Result<(), StoreError> {
    let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let kept = File::open(part)
        .and_then(|file| file.sync_all())
        .and_then(|()| fs::rename(part, to))
        .and_then(|()| if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) });
    kept.map_err(|error| unavailable(to, &error))
}

fn unavailable(path: &Path, error: &std::io::Error) -> StoreError {
    StoreError::Unavailable { store: path.display().to_string(), reason: error.to_string() }
}
