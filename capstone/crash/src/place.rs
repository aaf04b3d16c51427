//! The database under test, with a ledger of its commits that a trigger keeps.
//!
//! The trigger writes in the transaction that it tells about: so the ledger also knows how the transaction of a killed
//! writer ended, which nobody else does.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use capstone_outbox::{MessageId, sqlite};
use rusqlite::{Connection, Row};

use crate::program::Program;

const LEDGER: &str = "
CREATE TABLE crash_committed (n INTEGER PRIMARY KEY AUTOINCREMENT, seq INTEGER NOT NULL, id BLOB NOT NULL);
CREATE TRIGGER crash_ledger AFTER INSERT ON outbox BEGIN
  INSERT INTO crash_committed (seq, id) VALUES (new.seq, new.id);
END;";

/// A folder with the database in it.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) folder: PathBuf,
}

/// What the database says when all is over.
#[derive(Debug)]
pub(crate) struct Left {
    /// In the order of the commits: place and id.
    pub(crate) committed: Vec<(i64, String)>,
    pub(crate) dead: HashSet<String>,
    pub(crate) parked: HashSet<String>,
    /// Rows that are still in the outbox.
    pub(crate) waiting: HashSet<String>,
}

impl Place {
    pub(crate) async fn new(folder: &Path, program: &Program) -> anyhow::Result<Self> {
        let place = Self { folder: folder.to_owned() };
        program.done(folder, &["migrate", "--db", &place.db()]).await?;
        place.open()?.execute_batch(LEDGER)?;
        Ok(place)
    }

    /// `--db`.
    pub(crate) fn db(&self) -> String {
        format!("sqlite:{}", self.file().display())
    }

    fn file(&self) -> PathBuf {
        self.folder.join("crash.db")
    }

    /// A connection as an application has one.
    pub(crate) fn open(&self) -> anyhow::Result<Connection> {
        let mut connection = Connection::open(self.file())?;
        sqlite::configure(&mut connection)?;
        Ok(connection)
    }

    /// I12: the store is whole.
    pub(crate) fn check(&self) -> anyhow::Result<()> {
        let found: String = self.open()?.query_row("PRAGMA integrity_check", [], |row| row.get(0))?;
        ensure!(found == "ok", "integrity_check: {found}");
        Ok(())
    }

    pub(crate) fn left(&self) -> anyhow::Result<Left> {
        let connection = self.open()?;
        let all = |sql: &str| -> anyhow::Result<Vec<String>> {
            let mut select = connection.prepare(sql).with_context(|| sql.to_owned())?;
            let found = select.query_map([], |row| id(row, 0))?;
            Ok(found.collect::<rusqlite::Result<_>>()?)
        };
        let mut committed = connection.prepare("SELECT seq, id FROM crash_committed ORDER BY n")?;
        let committed = committed.query_map([], |row| Ok((row.get(0)?, id(row, 1)?)))?;
        let parked = "SELECT name FROM outbox_trouble WHERE kind = 0 AND retry_ms IS NULL";
        let mut parked = connection.prepare(parked)?;
        let parked = parked.query_map([], |row| row.get(0))?;
        Ok(Left {
            committed: committed.collect::<rusqlite::Result<_>>()?,
            dead: all("SELECT id FROM outbox_dead")?.into_iter().collect(),
            parked: parked.collect::<rusqlite::Result<_>>()?,
            waiting: all("SELECT id FROM outbox")?.into_iter().collect(),
        })
    }
}

fn id(row: &Row<'_>, column: usize) -> rusqlite::Result<String> {
    Ok(MessageId::from_bytes(row.get(column)?).to_string())
}
