//! A database file.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, ensure};
use capstone_outbox::{MessageId, sqlite};
use fastrand::Rng;
use rusqlite::backup::Backup;
use rusqlite::{Connection, ErrorCode, OptionalExtension, Row, ToSql};

use super::{ACCUSATION, Commit, Left};
use crate::foreign::ForeignRow;

const LEDGER: &str = "
CREATE TABLE crash_committed (n INTEGER PRIMARY KEY AUTOINCREMENT, seq INTEGER NOT NULL, id BLOB NOT NULL);
CREATE TRIGGER crash_ledger AFTER INSERT ON outbox BEGIN
  INSERT INTO crash_committed (seq, id) VALUES (new.seq, new.id);
END;";

const FILE: &str = "crash.db";
const LINK: &str = "link.db";
const COPY: &str = "copy.db";

#[derive(Clone, Debug)]
pub(crate) struct SqlitePlace {
    file: PathBuf,
}

impl SqlitePlace {
    pub(super) fn new(folder: &Path) -> Self {
        Self { file: folder.join(FILE) }
    }

    pub(super) fn keep_ledger(&self) -> anyhow::Result<()> {
        #[cfg(unix)]
        std::os::unix::fs::symlink(&self.file, self.file.with_file_name(LINK))?;
        Ok(self.open()?.execute_batch(LEDGER)?)
    }

    pub(super) fn db(&self) -> String {
        format!("sqlite:{}", self.file.display())
    }

    /// The file itself, a link to it, and its name in the folder in which programs are started.
    pub(super) fn db_by(&self, spelling: usize) -> String {
        match spelling % 3 {
            0 => self.db(),
            1 if cfg!(unix) => format!("sqlite:{}", self.file.with_file_name(LINK).display()),
            _ => format!("sqlite:{FILE}"),
        }
    }

    pub(super) fn waiting(&self) -> anyhow::Result<u64> {
        let waiting = self.open()?.query_row("SELECT count(*) FROM outbox", [], |row| row.get(0));
        Ok(waiting.map(i64::cast_unsigned)?)
    }

    pub(super) fn turnover(&self) -> anyhow::Result<i64> {
        Ok(self.open()?.query_row("SELECT sum(epoch) FROM outbox_lane", [], |row| row.get(0))?)
    }

    /// A connection as an application has one.
    pub(crate) fn open(&self) -> anyhow::Result<Connection> {
        let mut connection = Connection::open(&self.file)?;
        sqlite::configure(&mut connection)?;
        Ok(connection)
    }

    /// A copy of the file, made while others may write.
    pub(crate) fn back_up(&self) -> anyhow::Result<PathBuf> {
        let copy = self.file.with_file_name(COPY);
        std::fs::remove_file(&copy).or_else(|error| match error.kind() {
            std::io::ErrorKind::NotFound => Ok(()),
            _ => Err(error),
        })?;
        self.open()?.execute("VACUUM INTO ?1", [copy.to_str()])?;
        Ok(copy)
    }

    /// The copy takes the file's place; nobody has it open.
    pub(crate) fn replace(&self, copy: &Path) -> anyhow::Result<()> {
        for suffix in ["-wal", "-shm"] {
            let beside = self.file.with_file_name(format!("{FILE}{suffix}"));
            if beside.exists() {
                std::fs::remove_file(beside)?;
            }
        }
        Ok(std::fs::copy(copy, &self.file).map(drop)?)
    }

    /// The copy's content takes the place of the file's, under whoever has it open: `.restore` of SQLite's shell.
    pub(crate) fn write_back(&self, copy: &Path) -> anyhow::Result<()> {
        let (from, mut to) = (Connection::open(copy)?, self.open()?);
        Ok(Backup::new(&from, &mut to)?.run_to_completion(i32::MAX, Duration::from_millis(1), None)?)
    }

    pub(super) fn two_counts(&self, sql: &str) -> anyhow::Result<(u64, u64)> {
        let counts: (i64, i64) = self.open()?.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok((counts.0.try_into()?, counts.1.try_into()?))
    }

    pub(super) fn insert(&self, row: &ForeignRow) -> anyhow::Result<bool> {
        let (others, values) = match row.others {
            Some((column, value)) => (format!(", {column}"), format!(", {value}")),
            None => Default::default(),
        };
        let (headers, value) =
            if row.headers.is_some() { (", headers", ", CAST(?5 AS TEXT)") } else { ("", "") };
        let sql = format!(
            "INSERT INTO outbox (id, topic, key, payload{headers}{others})
             VALUES (?1, CAST(?2 AS TEXT), CAST(?3 AS TEXT), ?4{value}{values})"
        );
        let connection = self.open()?;
        let mut insert = connection.prepare(&sql)?;
        let id: &[u8] = row.id.as_bytes();
        let texts: [&dyn ToSql; 5] = [&id, &row.topic, &row.key, &row.payload, &row.headers];
        let given = if row.headers.is_some() { &texts[..] } else { &texts[..4] };
        match insert.execute(given) {
            Ok(_) => Ok(true),
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) => Ok(false),
            Err(error) => Err(error).context(row.what),
        }
    }

    pub(super) fn dead_letter(&self, id: MessageId) -> anyhow::Result<Option<Vec<Option<Vec<u8>>>>> {
        let connection = self.open()?;
        let sql = "SELECT CAST(topic AS BLOB), CAST(key AS BLOB), CAST(headers AS BLOB), payload
                     FROM outbox_dead WHERE id = ?1";
        let id: &[u8] = id.as_bytes();
        let letter = connection.query_row(sql, [id], |row| (0..4).map(|column| row.get(column)).collect());
        Ok(letter.optional()?)
    }

    pub(super) fn count_again(&self, random: &mut Rng) -> anyhow::Result<&'static str> {
        let deeds = [
            "DELETE FROM sqlite_sequence WHERE name = 'outbox'",
            "UPDATE sqlite_sequence SET seq = 0 WHERE name = 'outbox'",
        ];
        let deed = deeds[random.usize(..deeds.len())];
        self.open()?.execute(deed, [])?;
        Ok(deed)
    }

    pub(super) fn check(&self) -> anyhow::Result<()> {
        let found: String = self.open()?.query_row("PRAGMA integrity_check", [], |row| row.get(0))?;
        ensure!(found == "ok", "integrity_check: {found}");
        Ok(())
    }

    pub(super) fn left(&self) -> anyhow::Result<Left> {
        let connection = self.open()?;
        let all = |sql: &str| -> anyhow::Result<Vec<String>> {
            let mut select = connection.prepare(sql).with_context(|| sql.to_owned())?;
            let found = select.query_map([], |row| id(row, 0))?;
            Ok(found.collect::<rusqlite::Result<_>>()?)
        };
        let mut committed = connection.prepare("SELECT id, seq, n FROM crash_committed ORDER BY n")?;
        let committed = committed.query_map([], commit)?;
        let parked = "SELECT CAST(name AS BLOB) FROM outbox_trouble WHERE kind = 0 AND retry_ms IS NULL";
        let mut parked = connection.prepare(parked)?;
        let parked = parked.query_map([], name)?;
        let mut accused: HashSet<String> =
            all(&format!("SELECT id FROM outbox_dead WHERE error LIKE '{ACCUSATION}'"))?
                .into_iter()
                .collect();
        let keys = format!(
            "SELECT CAST(name AS BLOB) FROM outbox_trouble WHERE kind = 0 AND error LIKE '{ACCUSATION}'"
        );
        let mut keys = connection.prepare(&keys)?;
        for key in keys.query_map([], name)? {
            accused.insert(key?);
        }
        Ok(Left {
            committed: committed.collect::<rusqlite::Result<_>>()?,
            dead: all("SELECT id FROM outbox_dead")?.into_iter().collect(),
            parked: parked.collect::<rusqlite::Result<_>>()?,
            accused,
            waiting: all("SELECT id FROM outbox")?.into_iter().collect(),
        })
    }
}

fn commit(row: &Row<'_>) -> rusqlite::Result<Commit> {
    let [seq, place] = [1, 2].map(|column| row.get(column).map(i64::cast_unsigned));
    Ok(Commit { id: id(row, 0)?, seq: seq?, place: place? })
}

fn id(row: &Row<'_>, column: usize) -> rusqlite::Result<String> {
    Ok(MessageId::from_bytes(row.get(column)?).to_string())
}

/// Keys may be anything that a program takes for a text.
fn name(row: &Row<'_>) -> rusqlite::Result<String> {
    let bytes: Vec<u8> = row.get(0)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
