//! What the relay reads: rows behind its cursor, passed rows of a key; and what every statement about rows needs.

use std::sync::Arc;

use rusqlite::types::Type;
use rusqlite::{Connection, Row, Rows};

use super::lane::LANE;
use crate::message::{Envelope, Ident, MessageId, RowId, Seq};
use crate::store::{Behind, Broken, Budget, Fetched};

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

pub(super) fn optional<T>(result: rusqlite::Result<T>) -> rusqlite::Result<Option<T>> {
    rusqlite::OptionalExtension::optional(result)
}

/// Counts are never negative; a difference of times is, when the clock was set back.
pub(super) fn unsigned(value: i64) -> u64 {
    u64::try_from(value).unwrap_or(0)
}
