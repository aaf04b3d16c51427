//! SQLite: a database with a backlog, and what carries it off.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use capstone_outbox::sqlite::{SqliteStore, configure};
use capstone_outbox::{Relay, RelayConfig};
use rusqlite::Connection;
use tempfile::TempDir;
use tokio::time::Instant;

use super::backlog::{Backlog, Checked, Dialect, Refusing, Second};
use crate::round::runtime;

/// What a relay fetches at once, and so does the loop without one.
const BATCH: usize = 500;

const DIALECT: Dialect = Dialect {
    series: "VALUES (0) UNION ALL SELECT n + 1 FROM series WHERE n + 1 < {rows}",
    id: "unhex(printf('%032x', {n}))",
    payload: "CAST(substr(printf('%04d%08d', key, place) || printf('%.88c', 'x'), 1, 100) AS BLOB)",
};

/// A database that rounds begin with, each with a copy of its own.
pub struct Template {
    folder: TempDir,
    pub backlog: Backlog,
}

/// A copy, until the round has ended.
pub struct Copy {
    _folder: TempDir,
    pub path: PathBuf,
}

impl Template {
    pub fn new(backlog: Backlog) -> Self {
        let template = Self { folder: tempfile::tempdir().expect("a folder"), backlog };
        SqliteStore::migrate(template.path()).expect("a new file");
        template.insert(backlog);
        template
    }

    /// What is in front belongs to a key that is parked: a relay has met all of it.
    pub fn parked(backlog: Backlog) -> Self {
        let template = Self::new(Backlog { rows: 0, ..backlog });
        let store = Arc::new(SqliteStore::open(template.path()).expect("a database"));
        let mut relay =
            Relay::new(store, Arc::new(Refusing), RelayConfig::default()).expect("settings that fit");
        let report = runtime().block_on(relay.run_until_empty(std::future::pending()));
        assert_eq!(report.expect("a store that works").parked, 1);
        drop(relay);
        template.insert(Backlog::of(backlog.rows));
        Self { backlog, ..template }
    }

    fn insert(&self, backlog: Backlog) {
        let connection = connect(&self.path());
        let [in_front, rows] = backlog.insert(&DIALECT);
        connection.execute_batch("BEGIN IMMEDIATE").expect("nobody else is there");
        if backlog.in_front > 0 {
            connection.execute(&in_front, []).expect("our tables");
        }
        if backlog.rows > 0 {
            connection.execute(&rows, []).expect("our tables");
        }
        connection.execute_batch("COMMIT; PRAGMA wal_checkpoint(TRUNCATE)").expect("nobody else is there");
    }

    pub fn path(&self) -> PathBuf {
        self.folder.path().join("outbox.db")
    }

    /// On the disk when it returns, so that no round pays for the copy.
    pub fn copy(&self) -> Copy {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("outbox.db");
        std::fs::copy(self.path(), &path).expect("room on the disk");
        File::open(&path).and_then(|file| file.sync_all()).expect("a disk");
        Copy { _folder: folder, path }
    }
}

impl Copy {
    /// Rows of the outbox.
    pub fn rows(&self) -> u64 {
        let count = "SELECT count(*) FROM outbox";
        connect(&self.path).query_row(count, [], |row| row.get::<_, i64>(0)).expect("our tables") as u64
    }
}

/// As an application connects.
pub fn connect(path: &Path) -> Connection {
    let mut connection = Connection::open(path).expect("a database");
    configure(&mut connection).expect("a database");
    connection
}

/// Rows a second, by a relay that empties the outbox.
pub fn relay(template: &Template) -> f64 {
    let copy = template.copy();
    let rate = drain(&copy, template.backlog);
    assert_eq!(copy.rows(), template.backlog.in_front, "all is acknowledged but what is parked");
    rate
}

/// The same, on a copy that others use too.
pub fn drain(copy: &Copy, backlog: Backlog) -> f64 {
    let store = Arc::new(SqliteStore::open(&copy.path).expect("a database"));
    let sink = Arc::new(Checked::new(backlog));
    let mut relay = Relay::new(store, Arc::clone(&sink), RelayConfig::default()).expect("settings that fit");
    let since = Instant::now();
    let report = runtime().block_on(relay.run_until_empty(std::future::pending()));
    let time = since.elapsed().as_secs_f64();
    assert_eq!(report.expect("a store that works").published, backlog.rows);
    sink.verify();
    backlog.rows as f64 / time
}

/// Rows a second, to a sink that takes each, or that refuses each first attempt.
pub fn relay_to(template: &Template, refuses: bool) -> f64 {
    let copy = template.copy();
    let store = Arc::new(SqliteStore::open(&copy.path).expect("a database"));
    let sink = Arc::new(Second { refuses });
    let mut relay = Relay::new(store, sink, RelayConfig::default()).expect("settings that fit");
    let since = Instant::now();
    let report = runtime().block_on(relay.run_until_empty(std::future::pending()));
    let time = since.elapsed().as_secs_f64();
    assert_eq!(report.expect("a store that works").published, template.backlog.rows);
    template.backlog.rows as f64 / time
}

/// Rows of the thousand keys a second, until all of them have arrived; those in front may go on.
pub fn overtake(template: &Template) -> f64 {
    let copy = template.copy();
    let store = Arc::new(SqliteStore::open(&copy.path).expect("a database"));
    let sink = Arc::new(Checked::new(template.backlog));
    let mut relay = Relay::new(store, Arc::clone(&sink), RelayConfig::default()).expect("settings that fit");
    let since = Instant::now();
    let mut time = 0.0;
    let complete = async {
        sink.complete().await;
        time = since.elapsed().as_secs_f64();
    };
    let report = runtime().block_on(relay.run(complete)).expect("a store that works");
    sink.verify();
    assert_eq!(copy.rows(), template.backlog.rows + template.backlog.in_front - report.published);
    template.backlog.rows as f64 / time
}

/// Rows a second, by the loop that a relay cannot be faster than: read a batch, delete it, commit.
pub fn bare_loop(template: &Template) -> f64 {
    let copy = template.copy();
    let checked = Checked::new(template.backlog);
    let connection = connect(&copy.path);
    let since = Instant::now();
    let mut after = 0;
    while let Some(last) = batch(&connection, after, &checked).expect("our tables") {
        after = last;
    }
    let time = since.elapsed().as_secs_f64();
    checked.verify();
    assert_eq!(copy.rows(), 0);
    template.backlog.rows as f64 / time
}

/// The last row's number.
fn batch(connection: &Connection, after: i64, checked: &Checked) -> rusqlite::Result<Option<i64>> {
    let mut select = connection.prepare_cached(
        "SELECT seq, id, topic, key, headers, payload FROM outbox
          WHERE lane = 0 AND state = 0 AND seq > ?1 ORDER BY seq LIMIT ?2",
    )?;
    let mut rows = select.query((after, BATCH as i64))?;
    let mut read = Vec::with_capacity(BATCH);
    while let Some(row) = rows.next()? {
        let (id, topic): ([u8; 16], String) = (row.get(1)?, row.get(2)?);
        let (key, headers): (Option<String>, String) = (row.get(3)?, row.get(4)?);
        let payload: Vec<u8> = row.get(5)?;
        checked.take(&payload);
        read.push((row.get::<_, i64>(0)?, std::hint::black_box((id, topic, key, headers, payload))));
    }
    drop(rows);
    let Some((last, _)) = read.last() else { return Ok(None) };
    connection.execute_batch("BEGIN IMMEDIATE")?;
    let mut delete = connection.prepare_cached("DELETE FROM outbox WHERE seq = ?1")?;
    for (seq, _) in &read {
        delete.execute([seq])?;
    }
    connection.execute_batch("COMMIT")?;
    Ok(Some(*last))
}
