//! The relay's statements: what it reads, and what one flush writes.

use std::sync::Arc;
use std::time::Duration;

use rusqlite::{Connection, Row, Rows};

use super::clock::{since, until};
use super::commands;
use super::lane::{self, LANE};
use crate::failpoint::{self, Point};
use crate::message::{Envelope, Ident, MessageId, Seq};
use crate::store::{Budget, Change, Changes, Fetched, Held, Hold, KeyStatus, RelayStatus, Settled, Status};

/// The database's clock in milliseconds since 1970, also on an SQLite that lacks `unixepoch('subsec')`.
pub(super) const NOW_MS: &str = "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)";

/// A sink's words are kept, not its whole answer.
const ERROR_BYTES_MAX: usize = 8 * 1024;

pub(super) fn fetch(connection: &Connection, after: Seq, budget: Budget) -> rusqlite::Result<Fetched> {
    let mut select = connection.prepare_cached(
        "SELECT seq, id, topic, key, headers, payload FROM outbox
          WHERE lane = 0 AND state = 0 AND seq > ?1 ORDER BY seq LIMIT ?2",
    )?;
    take(select.query((after.0, limit(budget)))?, budget)
}

pub(super) fn fetch_held(
    connection: &Connection,
    ident: &Ident,
    after: Seq,
    budget: Budget,
) -> rusqlite::Result<Fetched> {
    match ident {
        Ident::Key(key) => {
            let mut select = connection.prepare_cached(
                "SELECT seq, id, topic, key, headers, payload FROM outbox
                  WHERE key = ?1 AND state = 1 AND seq > ?2 ORDER BY seq LIMIT ?3",
            )?;
            take(select.query((key.as_ref(), after.0, limit(budget)))?, budget)
        }
        Ident::Row(seq) => {
            let mut select = connection.prepare_cached(
                "SELECT seq, id, topic, key, headers, payload FROM outbox
                  WHERE seq = ?1 AND state = 1 AND seq > ?2",
            )?;
            take(select.query((seq.0, after.0))?, budget)
        }
    }
}

pub(super) fn fetch_spilled(
    connection: &Connection,
    key: &str,
    after: Seq,
    upto: Seq,
    budget: Budget,
) -> rusqlite::Result<Fetched> {
    let mut select = connection.prepare_cached(
        "SELECT seq, id, topic, key, headers, payload FROM outbox
          WHERE lane = 0 AND state = 0 AND key = ?1 AND seq > ?2 AND seq <= ?3 ORDER BY seq LIMIT ?4",
    )?;
    take(select.query((key, after.0, upto.0, limit(budget)))?, budget)
}

/// One more than allowed, to know whether there are more.
fn limit(budget: Budget) -> i64 {
    i64::try_from(budget.rows).unwrap_or(i64::MAX).saturating_add(1)
}

fn take(mut found: Rows<'_>, budget: Budget) -> rusqlite::Result<Fetched> {
    let mut fetched = Fetched::default();
    let mut bytes = 0;
    while let Some(row) = found.next()? {
        if fetched.rows.len() == budget.rows {
            fetched.more.push(LANE);
            break;
        }
        let envelope = envelope(row)?;
        bytes += envelope.weight();
        if bytes > budget.bytes && !(fetched.rows.is_empty() && budget.oversized_first) {
            fetched.more.push(LANE);
            break;
        }
        fetched.rows.push(envelope);
    }
    Ok(fetched)
}

pub(super) fn envelope(row: &Row<'_>) -> rusqlite::Result<Envelope> {
    let payload = row.get_ref(5)?.as_blob()?;
    Ok(Envelope {
        seq: Seq(row.get(0)?),
        lane: LANE,
        id: MessageId::from_bytes(row.get(1)?),
        topic: row.get(2)?,
        key: row.get::<_, Option<Arc<str>>>(3)?,
        headers_json: row.get(4)?,
        payload: bytes::Bytes::copy_from_slice(payload),
    })
}

pub(super) fn held(connection: &Connection) -> rusqlite::Result<Vec<Held>> {
    let sql = format!("SELECT kind, name, head_seq, attempts, {} FROM outbox_trouble", until("retry_ms"));
    let mut select = connection.prepare_cached(&sql)?;
    let held = select.query_map([], |row| {
        let retry_in: Option<i64> = row.get(4)?;
        Ok(Held {
            lane: LANE,
            ident: ident(row)?,
            head: Seq(row.get(2)?),
            attempts: row.get(3)?,
            hold: match retry_in {
                Some(ms) => Hold::RetryIn(Duration::from_millis(unsigned(ms))),
                None => Hold::Parked,
            },
        })
    })?;
    held.collect()
}

/// Runs inside a transaction of the store's thread.
pub(super) fn settle(connection: &Connection, changes: &Changes) -> rusqlite::Result<Settled> {
    delete(connection, &changes.published)?;
    failpoint::pass(Point::SettleDeleted);
    let mut settled = Settled::default();
    let mut asked = None;
    for fenced in &changes.fenced {
        // Nobody can take the lane inside this transaction: asking once a lease is enough.
        if asked.replace(fenced.lease) != Some(fenced.lease) && !lane::is_held(connection, fenced.lease)? {
            settled.lost.push(fenced.lease);
        }
        if settled.lost.contains(&fenced.lease) {
            continue;
        }
        match &fenced.change {
            Change::Hold { held, rows, error } => hold(connection, held, rows, error)?,
            Change::Follow(rows) => set_held(connection, rows)?,
            Change::Free(ident) => free(connection, ident)?,
            Change::Bury { row, attempts, error } => bury(connection, *row, *attempts, error)?,
            Change::Discard { ident, upto } => discard(connection, ident, *upto)?,
            Change::Answer(id, answer) => commands::answer(connection, *id, answer)?,
            Change::Started { row, starts } => lane::started(connection, *row, *starts)?,
        }
    }
    Ok(settled)
}

fn delete(connection: &Connection, rows: &[Seq]) -> rusqlite::Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let mut delete =
        connection.prepare_cached("DELETE FROM outbox WHERE seq IN (SELECT value FROM json_each(?1))")?;
    delete.execute([json_array(rows)]).map(drop)
}

fn hold(connection: &Connection, held: &Held, rows: &[Seq], error: &str) -> rusqlite::Result<()> {
    let retry_in_ms = match held.hold {
        Hold::RetryIn(delay) => Some(i64::try_from(delay.as_millis()).unwrap_or(i64::MAX)),
        Hold::Parked => None,
    };
    let sql = format!(
        "INSERT INTO outbox_trouble (kind, name, head_seq, attempts, retry_ms, error, since_ms)
         VALUES (?1, ?2, ?3, ?4, {NOW_MS} + ?5, ?6, {NOW_MS})
         ON CONFLICT (kind, name) DO UPDATE SET head_seq = excluded.head_seq, attempts = excluded.attempts,
           retry_ms = excluded.retry_ms, error = excluded.error"
    );
    let (kind, name) = kind_and_name(&held.ident);
    let mut insert = connection.prepare_cached(&sql)?;
    insert.execute((kind, name, held.head.0, held.attempts, retry_in_ms, shortened(error)))?;
    failpoint::pass(Point::SettleHeld);
    set_held(connection, rows)
}

fn set_held(connection: &Connection, rows: &[Seq]) -> rusqlite::Result<()> {
    let mut update = connection.prepare_cached(
        "UPDATE outbox SET state = 1 WHERE state = 0 AND seq IN (SELECT value FROM json_each(?1))",
    )?;
    update.execute([json_array(rows)]).map(drop)
}

fn free(connection: &Connection, ident: &Ident) -> rusqlite::Result<()> {
    let (kind, name) = kind_and_name(ident);
    connection
        .prepare_cached("DELETE FROM outbox_trouble WHERE kind = ?1 AND name = ?2")?
        .execute((kind, name))?;
    Ok(())
}

fn bury(connection: &Connection, row: Seq, attempts: u32, error: &str) -> rusqlite::Result<()> {
    let sql = format!(
        "INSERT INTO outbox_dead (seq, id, topic, key, headers, payload, created_ms, attempts, error, dead_ms)
         SELECT seq, id, topic, key, headers, payload, created_ms, ?2, ?3, {NOW_MS} FROM outbox WHERE seq = ?1
         ON CONFLICT DO NOTHING"
    );
    connection.prepare_cached(&sql)?.execute((row.0, attempts, shortened(error)))?;
    failpoint::pass(Point::SettleBuried);
    delete(connection, &[row])
}

fn discard(connection: &Connection, ident: &Ident, upto: Seq) -> rusqlite::Result<()> {
    match ident {
        Ident::Row(seq) => delete(connection, &[*seq]),
        // Either state has an index of its own.
        Ident::Key(key) => [
            "DELETE FROM outbox WHERE state = 1 AND key = ?1 AND seq <= ?2",
            "DELETE FROM outbox WHERE lane = 0 AND state = 0 AND key = ?1 AND seq <= ?2",
        ]
        .iter()
        .try_for_each(|sql| connection.execute(sql, (key.as_ref(), upto.0)).map(drop)),
    }
}

/// Reads back what [`kind_and_name`] gave, from the first two columns.
pub(super) fn ident(row: &Row<'_>) -> rusqlite::Result<Ident> {
    let (kind, name): (i64, String) = (row.get(0)?, row.get(1)?);
    Ok(if kind == 0 { Ident::Key(name.into()) } else { Ident::Row(Seq(name.parse().unwrap_or(0))) })
}

pub(super) fn kind_and_name(ident: &Ident) -> (i64, String) {
    match ident {
        Ident::Key(key) => (0, key.to_string()),
        Ident::Row(seq) => (1, seq.to_string()),
    }
}

pub(super) fn json_array(rows: &[Seq]) -> String {
    use std::fmt::Write;
    let mut json = String::with_capacity(2 + rows.len() * 8);
    for (position, seq) in rows.iter().enumerate() {
        let separator = if position == 0 { '[' } else { ',' };
        write!(json, "{separator}{seq}").expect("a string takes any text");
    }
    json.push_str(if rows.is_empty() { "[]" } else { "]" });
    json
}

pub(super) fn shortened(error: &str) -> &str {
    &error[..error.floor_char_boundary(ERROR_BYTES_MAX)]
}

pub(super) fn status(connection: &mut Connection) -> rusqlite::Result<Status> {
    // One read transaction, so that the figures belong together.
    let tx = connection.transaction()?;
    let count = |sql: &str| tx.query_row(sql, [], |row| row.get::<_, i64>(0)).map(unsigned);
    let age = since("created_ms");
    let oldest = format!("SELECT {age} FROM outbox WHERE lane = 0 AND state = 0 ORDER BY seq LIMIT 1");
    let oldest_ms: Option<i64> = optional(tx.query_row(&oldest, [], |row| row.get(0)))?;
    let owner = format!("SELECT owner FROM outbox_lane WHERE owner IS NOT NULL AND expires_ms > {NOW_MS}");
    let owner: Option<String> = optional(tx.query_row(&owner, [], |row| row.get(0)))?;
    let mut keys = tx.prepare(
        "SELECT kind, name, attempts, retry_ms IS NULL, error FROM outbox_trouble ORDER BY since_ms LIMIT 100",
    )?;
    let keys = keys.query_map([], |row| {
        let name: String = row.get(1)?;
        Ok(KeyStatus {
            key: if row.get::<_, i64>(0)? == 0 { name } else { format!("row {name}") },
            attempts: row.get(2)?,
            state: if row.get(3)? { "parked" } else { "retrying" },
            error: row.get(4)?,
        })
    })?;
    Ok(Status {
        pending: count("SELECT count(*) FROM outbox WHERE lane = 0 AND state = 0")?,
        held: count("SELECT count(*) FROM outbox WHERE state = 1")?,
        dead: count("SELECT count(*) FROM outbox_dead")?,
        oldest_ms: oldest_ms.map(unsigned),
        paused: commands::paused(&tx)?,
        lanes: 1,
        relays: owner.iter().map(|owner| RelayStatus { owner: owner.clone(), lanes: 1 }).collect(),
        owner,
        keys: keys.collect::<rusqlite::Result<_>>()?,
    })
}

pub(super) fn optional<T>(result: rusqlite::Result<T>) -> rusqlite::Result<Option<T>> {
    rusqlite::OptionalExtension::optional(result)
}

/// Counts are never negative; a difference of times is, when the clock was set back.
pub(super) fn unsigned(value: i64) -> u64 {
    u64::try_from(value).unwrap_or(0)
}
