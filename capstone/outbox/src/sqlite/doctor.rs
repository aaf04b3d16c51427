//! Examines a file that may be anything but well.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OptionalExtension};
use tokio::time::Instant;

use super::clock::{NOW_MS, since, until};
use super::connection::{self, BUSY_MAX, SQLITE_MIN, store_error};
use super::rows::unsigned;
use super::schema;
use super::{SqliteStore, commands, identity, lane};
use crate::doctor::{Finding, Growth, LATE_MS, Load, Unbounded, ended, fit, round_trip};
use crate::tables::Tables;

/// A file on this machine is opened sooner.
const SLOW: Duration = Duration::from_millis(100);

/// Larger than what checkpoints leave behind when they can do their work.
const WAL_LARGE: u64 = 64 * 1024 * 1024;

/// Clocks that are kept together differ by less.
const AHEAD_MS: i64 = 60_000;

/// Its processes would have to share memory, and locks are often broken there.
const REMOTE: [&str; 9] =
    ["nfs", "nfs4", "cifs", "smb3", "smbfs", "fuse.sshfs", "ceph", "fuse.glusterfs", "lustre"];

impl SqliteStore {
    /// Looks at everything that is known to go wrong with such a file. Changes nothing in it; reads all of it once.
    ///
    /// What cannot be read is a finding, too.
    ///
    /// # Cancel safety
    /// Changes nothing; dropped, it goes on to its end on a thread.
    pub async fn examine(path: impl AsRef<Path> + Send) -> Vec<Finding> {
        let path = path.as_ref().to_owned();
        let examined = tokio::task::spawn_blocking(move || {
            let mut findings = Vec::new();
            if let Err(error) = examine(&path, &mut findings) {
                let is_damaged = error.sqlite_error_code() == Some(ErrorCode::DatabaseCorrupt);
                findings.push(if is_damaged {
                    damaged(&error.to_string())
                } else {
                    ended(&findings, store_error(&path, &error))
                });
            }
            findings
        });
        examined.await.unwrap_or_else(|error| vec![ended(&[], error)])
    }
}

fn examine(path: &Path, findings: &mut Vec<Finding>) -> rusqlite::Result<()> {
    let began = Instant::now();
    // Not `connection::open`, which sets the journal's mode: that is one of the things to look at.
    let database = connection::open_as_it_is(path)?;
    let path = &*identity::name(&database, path);
    let found = schema::inspect(&database)?;
    findings.push(round_trip(began.elapsed(), SLOW));
    let migrate = format!("run `capstone migrate --db sqlite:{}`", path.display());
    findings.push(fit(found.tables(), schema::VERSION, migrate));
    findings.push(version(rusqlite::version_number(), rusqlite::version()));
    findings.push(journal(&database)?);
    findings.push(Finding::ok(
        "synchronous",
        "FULL in this program; what others set cannot be seen from here, and with NORMAL or OFF a power cut may take back what \
         was delivered: `sqlite::configure` sets it",
    ));
    findings.push(names(path));
    findings.push(wal(path));
    findings.extend(file_system(path, &std::fs::read_to_string("/proc/self/mounts").unwrap_or_default()));
    findings.push(write_lock(&database, path)?);
    findings.push(integrity(&database)?);
    if found.tables().is_some_and(Tables::is_usable) {
        findings.push(clock(&database)?);
        findings.extend(load(&database, path)?.findings());
        findings.extend(growth(&database)?.findings());
    }
    Ok(())
}

fn version(number: i32, version: &str) -> Finding {
    if number >= SQLITE_MIN {
        let meaning =
            format!("{version} in this program; one older than 3.51.3 in another can damage the file");
        return Finding::ok("SQLite", meaning);
    }
    let meaning =
        format!("{version}: the write-ahead log may be reset under a reader, which damages the file");
    Finding::problem("SQLite", meaning, "use 3.51.3 or newer in every program that opens the file")
}

fn journal(database: &Connection) -> rusqlite::Result<Finding> {
    let mode: String = database.query_row("PRAGMA journal_mode", [], |row| row.get(0))?;
    if mode == "wal" {
        return Ok(Finding::ok(
            "journal",
            "WAL: those who read and the one who writes do not wait for each other",
        ));
    }
    let meaning = format!("{mode}: the relay's reads and an application's writes keep each other waiting");
    let advice = "a relay that opens it sets WAL; let no other program turn it back";
    Ok(Finding::warning("journal", meaning, advice))
}

/// SQLite finds the log by the database's name.
fn names(path: &Path) -> Finding {
    let names = identity::names(path);
    if names == 1 {
        return Finding::ok("names", "the file has one");
    }
    let meaning =
        format!("{names} (hard links), and a log for each: who writes by one damages what the others see");
    let advice = format!("keep one: `find / -xdev -samefile {}` lists them", path.display());
    Finding::problem("names", meaning, advice)
}

fn wal(path: &Path) -> Finding {
    let bytes = std::fs::metadata(identity::beside(path, "-wal")).map_or(0, |metadata| metadata.len());
    let meaning = format!("{} KiB", bytes.div_ceil(1_024));
    if bytes < WAL_LARGE {
        return Finding::ok("write-ahead log", meaning);
    }
    let meaning = format!(
        "{meaning}: somebody reads in one transaction for so long that it cannot begin anew, or writes very much in one"
    );
    let advice = "end that transaction; every read is slower until then, and a running `relay` or `serve` makes it small again";
    Finding::warning("write-ahead log", meaning, advice)
}

/// What the file lies on, where the kernel says it.
fn file_system(path: &Path, mounts: &str) -> Option<Finding> {
    let path = path.canonicalize().ok()?;
    let mount = |line: &str| {
        let mut words = line.split(' ').skip(1);
        let (place, kind) = (words.next()?.replace("\\040", " "), words.next()?.to_owned());
        path.starts_with(&place).then_some((place.len(), kind))
    };
    // The last of those that are mounted upon each other is the one that is seen.
    let (_, kind) = mounts.lines().filter_map(mount).max_by_key(|(length, _)| *length)?;
    Some(if REMOTE.contains(&kind.as_str()) {
        let meaning = format!(
            "{kind}, over a network: WAL needs memory that all processes share, and locks are often broken there"
        );
        Finding::problem("file system", meaning, "move the file to a disk of this machine, or use PostgreSQL")
    } else {
        Finding::ok("file system", kind)
    })
}

fn write_lock(database: &Connection, path: &Path) -> rusqlite::Result<Finding> {
    if database.is_readonly("main")? {
        let meaning = "the file may only be read by this user, or lies where nobody may write: no relay can work here so";
        let advice = format!("let the relay's user write to {} and to its folder", path.display());
        return Ok(Finding::warning("write lock", meaning, advice));
    }
    let began = Instant::now();
    match database.execute_batch("BEGIN IMMEDIATE; ROLLBACK") {
        Ok(()) => Ok(Finding::ok("write lock", format!("to be had after {:.1?}", began.elapsed()))),
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => {
            let meaning = format!("another program has kept it for {BUSY_MAX:?}: nobody else can write");
            let advice = "find the transaction that stays open, and commit it sooner";
            Ok(Finding::problem("write lock", meaning, advice))
        }
        Err(error) => Err(error),
    }
}

fn integrity(database: &Connection) -> rusqlite::Result<Finding> {
    let verdict: String = database.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if verdict == "ok" {
        return Ok(Finding::ok("integrity", "quick_check finds nothing damaged"));
    }
    Ok(damaged(&verdict))
}

fn damaged(how: &str) -> Finding {
    let advice = "stop all that write, keep a copy, and restore a backup (`capstone backup` makes one), or use `.recover` of the sqlite3 shell";
    Finding::problem("integrity", format!("damaged: {how}"), advice)
}

/// A clock that was ahead and has been set back leaves moments behind that are still to come.
fn clock(database: &Connection) -> rusqlite::Result<Finding> {
    let is_ahead = format!("> {NOW_MS} + {AHEAD_MS}");
    let sql = format!(
        "SELECT (SELECT count(*) FROM outbox WHERE created_ms {is_ahead}),
                (SELECT count(*) FROM outbox_stream WHERE last_ms {is_ahead})"
    );
    let (messages, streams): (i64, i64) =
        database.query_row(&sql, [], |row| Ok((row.get(0)?, row.get(1)?)))?;
    if (messages, streams) == (0, 0) {
        return Ok(Finding::ok("clock", "nothing was written later than now"));
    }
    let meaning = format!(
        "messages from the future: {messages}, streams: {streams}. This machine's clock was ahead, or is behind now: their ages \
         are shown as 0, and a stream keeps for longer what it is to keep for a time"
    );
    Ok(Finding::warning("clock", meaning, "see that the time is right, and what keeps it so"))
}

fn load(database: &Connection, path: &Path) -> rusqlite::Result<Load> {
    let count = |sql: &str| database.query_row(sql, [], |row| row.get::<_, i64>(0)).map(unsigned);
    let oldest: Option<i64> = database.query_row(
        &format!(
            "SELECT CAST({} AS INTEGER) FROM outbox WHERE lane = 0 AND state = 0",
            since("min(created_ms)")
        ),
        [],
        |row| row.get(0),
    )?;
    let (owner, is_locked, left_ms, is_unread) = database.query_row(
        &format!("SELECT owner, locked, {}, unread FROM outbox_lane WHERE lane = 0", until("expires_ms")),
        [],
        |row| {
            Ok((row.get::<_, Option<String>>(0)?, row.get::<_, bool>(1)?, row.get::<_, i64>(2)?, row.get(3)?))
        },
    )?;
    let is_owned = owner.is_some();
    // Whoever can have the lock knows that the owner is dead, before its lease ends.
    let is_dead = is_owned && (left_ms <= 0 || is_locked && matches!(lane::lock(path), Ok(Some(_))));
    let pending = count("SELECT count(*) FROM outbox WHERE lane = 0 AND state = 0")?;
    Ok(Load {
        unowned: if is_owned && !is_dead { 0 } else { pending },
        oldest_ms: oldest.map(unsigned),
        paused: commands::paused(database)?,
        parked: count("SELECT count(*) FROM outbox_trouble WHERE retry_ms IS NULL")?,
        dead: count("SELECT count(*) FROM outbox_dead")?,
        started: count("SELECT count(*) FROM outbox_started JOIN outbox USING (seq)")?,
        late: u64::from(is_owned && (is_dead || left_ms < LATE_MS)),
        unread_by: owner.filter(|_| is_unread && !is_dead && pending > 0).into_iter().collect(),
    })
}

fn growth(database: &Connection) -> rusqlite::Result<Growth> {
    let count = |sql: &str| database.query_row(sql, [], |row| row.get::<_, i64>(0)).map(unsigned);
    let unbounded = "SELECT name, last_seq + 1 - first_seq, bytes FROM outbox_stream
                      WHERE coalesce(age_max_ms, count_max, bytes_max) IS NULL ORDER BY bytes DESC LIMIT 1";
    let unbounded = database.query_row(unbounded, [], |row| {
        Ok(Unbounded { name: row.get(0)?, messages: unsigned(row.get(1)?), bytes: unsigned(row.get(2)?) })
    });
    Ok(Growth {
        streams: count("SELECT count(*) FROM outbox_stream")?,
        unbounded: unbounded.optional()?,
        letters: count("SELECT count(*) FROM outbox_stream_dead")?,
        seen: count("SELECT count(*) FROM outbox_inbox")?,
        answered: count("SELECT count(*) FROM outbox_command WHERE done_ms IS NOT NULL")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Level;

    #[test]
    fn an_old_sqlite_is_a_problem() {
        assert_eq!(version(SQLITE_MIN, "3.51.3").level, Level::Ok);
        assert_eq!(version(SQLITE_MIN - 1, "3.51.2").level, Level::Problem);
    }

    #[test]
    fn the_file_system_is_that_of_the_innermost_mount() {
        let folder = tempfile::Builder::new().prefix("a b").tempdir().unwrap();
        let place = folder.path().canonicalize().unwrap();
        let escaped = place.display().to_string().replace(' ', "\\040");
        let mounts = |kind: &str| {
            format!("/dev/a / ext4 rw 0 0\nhost:/x {escaped} {kind} rw 0 0\nproc /proc proc rw 0 0\n")
        };
        let found = |kind| file_system(folder.path(), &mounts(kind)).unwrap();
        assert_eq!(found("xfs"), Finding::ok("file system", "xfs"));
        assert_eq!(found("nfs4").level, Level::Problem);
        assert_eq!(file_system(folder.path(), ""), None);
    }
}
