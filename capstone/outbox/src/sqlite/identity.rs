//! Which file a database is, whatever path leads to it, and whether that path still leads to it.
//!
//! SQLite opens a database once and finds its log by name. Whoever moves another file to that name, or removes the log, leaves two
//! databases behind under one name, and neither process knows of the other's commits: nothing fails, and messages wait for ever or
//! are lost. So what was opened is compared with what is there, and the first difference ends the store. Elsewhere than on Unix
//! nobody can do that to an open file.

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

use rusqlite::Connection;
use tokio::time::Instant;

use crate::store::StoreError;

/// How often the files are looked at.
const LOOK: Duration = Duration::from_secs(1);

/// The endings of an open database's files: itself, its log, and the log's index.
const ENDINGS: [&str; 3] = ["", "-wal", "-shm"];

/// The one name of the file that is open. SQLite follows links, and opens `missing/../shop.db`, which the operating system would
/// not find: so it is asked what it has opened.
pub(super) fn name(connection: &Connection, path: &Path) -> PathBuf {
    let opened = connection.path().map_or(path, Path::new);
    opened.canonicalize().unwrap_or_else(|_| opened.to_owned())
}

/// The file that lies beside the database, with its name and this ending.
pub(super) fn beside(database: &Path, ending: &str) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// How many names the file has (hard links), as far as can be told.
pub(super) fn names(database: &Path) -> u64 {
    system::names(database).unwrap_or(1)
}

/// The files of an open database, as they were when it was opened.
pub(super) struct Files {
    database: PathBuf,
    opened: Vec<(&'static str, system::Id)>,
    looked: Mutex<Looked>,
}

enum Looked {
    SameAt(Instant),
    Lost(StoreError),
}

/// What a look at the files has shown.
pub(super) enum Checked {
    Same,
    /// The path leads to another database, or to another log, than the one that is open: stays so, whatever is put back.
    Lost(StoreError),
    /// The same, found just now, and while nobody has begun another log: what is in the one that is open can still be saved.
    LostLog(StoreError),
}

impl Files {
    /// Those of a connection that has read from the database: before, it has no log.
    pub(super) fn of(connection: &Connection, path: &Path) -> Self {
        let database = name(connection, path);
        let id = |ending| Some((ending, system::id(&beside(&database, ending)).ok()??));
        let opened = ENDINGS.into_iter().filter_map(id).collect();
        Self { opened, database, looked: Mutex::new(Looked::SameAt(Instant::now())) }
    }

    pub(super) fn database(&self) -> &Path {
        &self.database
    }

    /// Looks, if the last time was long enough ago.
    pub(super) fn check(&self) -> Checked {
        // Held only for three questions to the operating system.
        let mut looked = self.looked.lock().expect("nothing panics while it is held");
        match &*looked {
            Looked::SameAt(when) if when.elapsed() < LOOK => return Checked::Same,
            Looked::SameAt(_) => {}
            Looked::Lost(error) => return Checked::Lost(error.clone()),
        }
        let Some((ending, is_there)) = self.lost() else {
            *looked = Looked::SameAt(Instant::now());
            return Checked::Same;
        };
        let store = self.database.display().to_string();
        let error = StoreError::Unusable { store, reason: words(ending, is_there) };
        *looked = Looked::Lost(error.clone());
        if ending.is_empty() || self.is_log_of_another() {
            Checked::Lost(error)
        } else {
            Checked::LostLog(error)
        }
    }

    /// Another log lies where the one that is open was. Closing the database would delete it.
    pub(super) fn is_log_of_another(&self) -> bool {
        let is_other = |ending, id| {
            system::id(&beside(&self.database, ending))
                .is_ok_and(|found| found.is_some_and(|found| found != id))
        };
        self.opened.iter().any(|(ending, id)| !ending.is_empty() && is_other(ending, *id))
    }

    /// The first file that is not what was opened, and whether there is any. What cannot be looked at for now may be the same.
    fn lost(&self) -> Option<(&'static str, bool)> {
        self.opened.iter().find_map(|(ending, id)| {
            let found = system::id(&beside(&self.database, ending)).ok()?;
            (found != Some(*id)).then_some((*ending, found.is_some()))
        })
    }
}

fn words(ending: &str, is_there: bool) -> String {
    let became = if is_there { "replaced by another" } else { "removed or renamed" };
    if ending.is_empty() {
        return format!(
            "the file was {became} while it was open: stop every process that uses it, put the database there that is to be \
             used, without the -wal and -shm of another, and start again"
        );
    }
    format!(
        "its {ending} file was {became} while it was open, and commits may be lost with it: stop every process that uses the \
         database, look at it with `capstone doctor`, and start again"
    )
}

#[cfg(unix)]
mod system {
    use std::io::{Error, ErrorKind};
    use std::os::unix::fs::MetadataExt;
    use std::path::Path;

    /// Means the same file as long as somebody has it open.
    #[derive(Clone, Copy, PartialEq, Eq)]
    pub(super) struct Id {
        device: u64,
        inode: u64,
    }

    /// `None`: nothing has that name.
    pub(super) fn id(path: &Path) -> Result<Option<Id>, Error> {
        match std::fs::metadata(path) {
            Ok(found) => Ok(Some(Id { device: found.dev(), inode: found.ino() })),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    pub(super) fn names(path: &Path) -> Result<u64, Error> {
        Ok(std::fs::metadata(path)?.nlink())
    }
}

#[cfg(not(unix))]
mod system {
    use std::io::Error;
    use std::path::Path;

    #[derive(Clone, Copy, PartialEq, Eq)]
    pub(super) struct Id;

    pub(super) fn id(_path: &Path) -> Result<Option<Id>, Error> {
        Ok(None)
    }

    pub(super) fn names(_path: &Path) -> Result<u64, Error> {
        Ok(1)
    }
}
