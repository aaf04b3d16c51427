//! What the relay reads: rows behind its cursor, passed rows of a key; and what people ask.

use std::sync::Arc;

use rusqlite::types::Type;
use rusqlite::{Connection, Row, Rows};

use super::clock::since;
use super::commands;
use super::lane::LANE;
use crate::message::{Envelope, Ident, MessageId, RowId, Seq};
use crate::store::{Behind, Broken, Budget, Fetched, KeyStatus, RelayStatus, Status};

/// The database's clock in milliseconds since 1970, also on an SQLite that lacks `unixepoch('subsec')`.
pub(super) const NOW_MS: &str = "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)";

/// A sink's words are kept, not its whole answer.
const ERROR_BYTES_MAX: usize = 8 * 1024;

/// Rows behind the cursor, and the highest number that was ever given out.
pub(super) fn fetch(connection: &Connection, after: Seq, budget: Budget) -> rusqlite::Result<(Fetched, i64)> {
    let counter = "SELECT seq FROM sqlite_sequence WHERE name = 'outbox'";
    let counter = optional(connection.prepare_cached(counter)?.query_row([], |row| row.get(0)))?.unwrap_or(0);
    // Most of the time no key is in trouble, and then nothing is asked for each row.
    let any = "SELECT EXISTS (SELECT 1 FROM outbox_trouble WHERE kind = 0)";
    let in_trouble = if connection.prepare_cached(any)?.query_row([], |row| row.get(0))? {
        "EXISTS (SELECT 1 FROM outbox_trouble WHERE kind = 0 AND name = outbox.key)"
    } else {
        "0"
    };
    let mut select = connection.prepare_cached(&format!(
        "SELECT seq, id, topic, key, headers, payload, {in_trouble}
           FROM outbox WHERE lane = 0 AND state = 0 AND seq > ?1 ORDER BY seq LIMIT ?2"
    ))?;
    Ok((take(select.query((after.0, limit(budget)))?, budget)?, counter))
}

pub(super) fn fetch_spilled(
    connection: &Connection,
    key: &str,
    after: Seq,
    upto: Seq,
    budget: Budget,
) -> rusqlite::Result<Fetched> {
    let mut select = connection.prepare_cached(
        "SELECT seq, id, topic, key, headers, payload, 0 FROM outbox
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
        let count = fetched.len();
        if count == budget.rows {
            fetched.more.push(LANE);
            break;
        }
        let read = if row.get(6)? { behind(row).map(Read::Behind) } else { envelope(row).map(Read::Ready) };
        match readable(row, read)? {
            Ok(Read::Behind(row)) => fetched.behind.push(row),
            Ok(Read::Ready(envelope)) => {
                bytes += envelope.weight();
                if bytes > budget.bytes && count > 0 {
                    fetched.more.push(LANE);
                    break;
                }
                fetched.rows.push(envelope);
            }
            Err(broken) => fetched.broken.push(broken),
        }
    }
    Ok(fetched)
}

enum Read {
    Behind(Behind),
    Ready(Envelope),
}

fn behind(row: &Row<'_>) -> rusqlite::Result<Behind> {
    Ok(Behind { lane: LANE, key: row.get(3)?, row: row_id(row)? })
}

/// SQLite keeps whatever bytes a program calls text. One row of them must not stop the others.
pub(super) fn readable<T>(row: &Row<'_>, read: rusqlite::Result<T>) -> rusqlite::Result<Result<T, Broken>> {
    use rusqlite::Error::{FromSqlConversionFailure, InvalidColumnType, Utf8Error};
    let (column, error) = match read {
        Ok(read) => return Ok(Ok(read)),
        Err(Utf8Error(column, error)) => (column, error.to_string()),
        Err(FromSqlConversionFailure(column, Type::Text, error)) => (column, error.to_string()),
        Err(InvalidColumnType(column, _, found)) => (column, format!("it is of type {found}")),
        Err(error) => return Err(error),
    };
    let name = row.as_ref().column_name(column)?.to_owned();
    let error = format!("its {name} cannot be read: {error}");
    Ok(Err(Broken { lane: LANE, row: row_id(row)?, error }))
}

fn row_id(row: &Row<'_>) -> rusqlite::Result<RowId> {
    Ok(RowId { seq: Seq(row.get(0)?), id: MessageId::from_bytes(row.get(1)?) })
}

pub(super) fn envelope(row: &Row<'_>) -> rusqlite::Result<Envelope> {
    let RowId { seq, id } = row_id(row)?;
    let payload = row.get_ref(5)?.as_blob()?;
    Ok(Envelope {
        seq,
        lane: LANE,
        id,
        topic: row.get(2)?,
        key: row.get::<_, Option<Arc<str>>>(3)?,
        headers_json: row.get(4)?,
        payload: bytes::Bytes::copy_from_slice(payload),
    })
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
    let held = count("SELECT count(*) FROM outbox WHERE state = 1")?;
    Ok(Status {
        // A count without a condition looks at no row: ten times as fast where millions wait.
        pending: count("SELECT count(*) FROM outbox")?.saturating_sub(held),
        held,
        dead: count("SELECT count(*) FROM outbox_dead")?,
        is_estimate: false,
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
