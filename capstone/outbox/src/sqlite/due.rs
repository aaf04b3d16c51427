//! Keys in trouble whose time has come, with their first held rows.

use std::collections::HashSet;
use std::time::Duration;

use rusqlite::{CachedStatement, Connection, Row};

use super::clock::NOW_MS;
use super::lane::LANE;
use super::rows::{envelope, ident, optional, readable, unsigned};
use crate::message::{Envelope, Ident, MessageId, RowId, Seq};
use crate::store::{Budget, Due, DueKey, DueLook, Held, Hold};

pub(super) fn due(connection: &Connection, look: &DueLook, budget: Budget) -> rusqlite::Result<Due> {
    let wait_max = i64::try_from(look.wait_max.as_millis()).unwrap_or(i64::MAX);
    let now: i64 = connection.query_row(&format!("SELECT {NOW_MS}"), [], |row| row.get(0))?;
    let latest = now.saturating_add(wait_max);
    let mut due = Due { next: next(connection, now, latest)?, ..Due::default() };
    let except: HashSet<&Ident> = look.except.iter().collect();
    let mut left = budget;
    let mut held_rows = HeldRows::prepare(connection)?;
    // What waits longer than anything may was written by a clock that was ahead. It comes first; the others by their time. One
    // statement for both would sort all that is due.
    for (waits, bound) in [("retry_ms > ?1", latest), ("retry_ms <= ?1", now)] {
        let mut select = connection.prepare_cached(&format!(
            "SELECT kind, name, head_seq, head_id, attempts FROM outbox_trouble WHERE {waits} ORDER BY retry_ms"
        ))?;
        let mut found = select.query([bound])?;
        while let Some(row) = found.next()? {
            let held = held(row)?;
            if except.contains(&held.ident) {
                continue;
            }
            if !held_rows.add(held, look.rows_each, &mut left, &mut due)? {
                due.is_more = true;
                return Ok(due);
            }
        }
    }
    Ok(due)
}

fn next(connection: &Connection, now: i64, latest: i64) -> rusqlite::Result<Option<Duration>> {
    let next = "SELECT retry_ms FROM outbox_trouble WHERE retry_ms > ?1 AND retry_ms <= ?2 ORDER BY retry_ms LIMIT 1";
    let next: Option<i64> =
        optional(connection.prepare_cached(next)?.query_row((now, latest), |row| row.get(0)))?;
    Ok(next.map(|at| Duration::from_millis(unsigned(at - now))))
}

fn held(row: &Row<'_>) -> rusqlite::Result<Held> {
    Ok(Held {
        lane: LANE,
        ident: ident(row)?,
        head: RowId { seq: Seq(row.get(2)?), id: MessageId::from_bytes(row.get(3)?) },
        attempts: row.get(4)?,
        hold: Hold::RetryIn(Duration::ZERO),
    })
}

/// Held rows of a key, or the one of a message without.
struct HeldRows<'c> {
    of_key: CachedStatement<'c>,
    of_row: CachedStatement<'c>,
}

impl<'c> HeldRows<'c> {
    fn prepare(connection: &'c Connection) -> rusqlite::Result<Self> {
        let columns = "SELECT seq, id, topic, key, headers, payload FROM outbox";
        Ok(Self {
            of_key: connection
                .prepare_cached(&format!("{columns} WHERE key = ?1 AND state = 1 ORDER BY seq LIMIT ?2"))?,
            of_row: connection.prepare_cached(&format!("{columns} WHERE seq = ?1 AND state = 1"))?,
        })
    }

    /// The key with as many of its rows as fit, if any does.
    fn add(
        &mut self,
        held: Held,
        rows_each: usize,
        left: &mut Budget,
        due: &mut Due,
    ) -> rusqlite::Result<bool> {
        if left.rows == 0 || left.bytes == 0 {
            return Ok(false);
        }
        let is_first = due.keys.is_empty();
        let Some(rows) = self.take(&held.ident, rows_each.min(left.rows), left.bytes, is_first, due)? else {
            return Ok(false);
        };
        left.rows -= rows.len();
        let bytes: usize = rows.iter().map(Envelope::weight).sum();
        left.bytes = left.bytes.saturating_sub(bytes);
        due.keys.push(DueKey { held, rows });
        Ok(true)
    }

    /// `None`: there are some, and the first does not fit any more. One that comes first of all fits anyhow.
    fn take(
        &mut self,
        ident: &Ident,
        rows_max: usize,
        bytes_max: usize,
        is_first: bool,
        due: &mut Due,
    ) -> rusqlite::Result<Option<Vec<Envelope>>> {
        let limit = i64::try_from(rows_max).unwrap_or(i64::MAX);
        let mut found = match ident {
            Ident::Key(key) => self.of_key.query((key.as_ref(), limit))?,
            Ident::Row(seq) => self.of_row.query([seq.0])?,
        };
        let (mut rows, mut bytes) = (Vec::new(), 0);
        while let Some(row) = found.next()? {
            match readable(row, envelope(row))? {
                Ok(envelope) => {
                    bytes += envelope.weight();
                    if bytes > bytes_max && !(is_first && rows.is_empty()) {
                        return Ok((!rows.is_empty()).then_some(rows));
                    }
                    rows.push(envelope);
                }
                Err(broken) => due.broken.push(broken),
            }
        }
        Ok(Some(rows))
    }
}
