//! What one flush writes, inside a transaction of the store's thread.

use rusqlite::{CachedStatement, Connection};

use super::clock::NOW_MS;
use super::commands;
use super::lane;
use super::rows::{kind_and_name, optional, shortened};
use crate::failpoint::{self, Point};
use crate::message::{Ident, RowId};
use crate::store::{Change, Changes, Held, Hold, Settled};

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
            Change::Follow { ident, rows } => follow(connection, ident, rows)?,
            Change::Continue(ident) if go_on(connection, ident)? => settled.freed.push(ident.clone()),
            Change::Continue(_) => {}
            Change::Bury { row, attempts, error } => bury(connection, *row, *attempts, error)?,
            Change::Execute(command) => commands::execute(connection, command)?,
            Change::Started { row, starts } => lane::started(connection, *row, *starts)?,
        }
    }
    Ok(settled)
}

/// A row whose number is another message's by now is that message's.
pub(super) fn delete(connection: &Connection, rows: &[RowId]) -> rusqlite::Result<()> {
    each(connection.prepare_cached("DELETE FROM outbox WHERE seq = ?1 AND id = ?2")?, rows)
}

fn set_held(connection: &Connection, rows: &[RowId]) -> rusqlite::Result<()> {
    each(
        connection.prepare_cached("UPDATE outbox SET state = 1 WHERE state = 0 AND seq = ?1 AND id = ?2")?,
        rows,
    )
}

fn each(mut statement: CachedStatement<'_>, rows: &[RowId]) -> rusqlite::Result<()> {
    rows.iter().try_for_each(|row| statement.execute((row.seq.0, row.id.as_bytes())).map(drop))
}

fn hold(connection: &Connection, held: &Held, rows: &[RowId], error: &str) -> rusqlite::Result<()> {
    let retry_in_ms = match held.hold {
        Hold::RetryIn(delay) => Some(i64::try_from(delay.as_millis()).unwrap_or(i64::MAX)),
        Hold::Parked => None,
    };
    let sql = format!(
        "INSERT INTO outbox_trouble (kind, name, head_seq, head_id, attempts, retry_ms, error, since_ms)
         VALUES (?1, ?2, ?3, ?4, ?5, {NOW_MS} + ?6, ?7, {NOW_MS})
         ON CONFLICT (kind, name) DO UPDATE SET head_seq = excluded.head_seq, head_id = excluded.head_id,
           attempts = excluded.attempts, retry_ms = excluded.retry_ms, error = excluded.error"
    );
    let (kind, name) = kind_and_name(&held.ident);
    let (head, id) = (held.head.seq.0, held.head.id);
    let mut insert = connection.prepare_cached(&sql)?;
    insert.execute((kind, name, head, id.as_bytes(), held.attempts, retry_in_ms, shortened(error)))?;
    failpoint::pass(Point::SettleHeld);
    set_held(connection, rows)
}

/// If the trouble has ended since these rows were fetched, it begins again for them: else nobody would read them.
fn follow(connection: &Connection, ident: &Ident, rows: &[RowId]) -> rusqlite::Result<()> {
    let Some(first) = rows.first() else { return Ok(()) };
    let sql = format!(
        "INSERT INTO outbox_trouble (kind, name, head_seq, head_id, attempts, retry_ms, error, since_ms)
         VALUES (?1, ?2, ?3, ?4, 0, {NOW_MS}, '', {NOW_MS}) ON CONFLICT DO NOTHING"
    );
    let (kind, name) = kind_and_name(ident);
    let mut insert = connection.prepare_cached(&sql)?;
    insert.execute((kind, name, first.seq.0, first.id.as_bytes()))?;
    set_held(connection, rows)
}

/// Whether nothing of it is held any more, and its trouble is over. Else it is due, with its next row as its head.
pub(super) fn go_on(connection: &Connection, ident: &Ident) -> rusqlite::Result<bool> {
    let (kind, name) = kind_and_name(ident);
    let head = match ident {
        Ident::Key(_) => "SELECT seq, id FROM outbox WHERE key = ?1 AND state = 1 ORDER BY seq LIMIT 1",
        Ident::Row(_) => "SELECT seq, id FROM outbox WHERE seq = CAST(?1 AS INTEGER) AND state = 1",
    };
    let head = connection.prepare_cached(head)?.query_row([&name], |row| Ok((row.get(0)?, row.get(1)?)));
    let head: Option<(i64, [u8; 16])> = optional(head)?;
    let Some((seq, id)) = head else {
        let mut forget =
            connection.prepare_cached("DELETE FROM outbox_trouble WHERE kind = ?1 AND name = ?2")?;
        return Ok(forget.execute((kind, name))? == 1);
    };
    let sql = format!(
        "UPDATE outbox_trouble SET head_seq = ?3, head_id = ?4, attempts = 0, retry_ms = {NOW_MS}
          WHERE kind = ?1 AND name = ?2"
    );
    connection.prepare_cached(&sql)?.execute((kind, name, seq, id))?;
    Ok(false)
}

/// The row becomes a dead letter, with a number of its own. Nothing is deleted that was not written there.
pub(super) fn bury(connection: &Connection, row: RowId, attempts: u32, error: &str) -> rusqlite::Result<()> {
    let sql = format!(
        "INSERT INTO outbox_dead (id, topic, key, headers, payload, created_ms, attempts, error, dead_ms)
         SELECT id, topic, key, headers, payload, created_ms, ?3, ?4, {NOW_MS} FROM outbox
          WHERE seq = ?1 AND id = ?2
         ON CONFLICT (id) DO UPDATE SET topic = excluded.topic, key = excluded.key,
           headers = excluded.headers, payload = excluded.payload, created_ms = excluded.created_ms,
           attempts = excluded.attempts, error = excluded.error, dead_ms = excluded.dead_ms"
    );
    let id = row.id.as_bytes();
    let buried = connection.prepare_cached(&sql)?.execute((row.seq.0, id, attempts, shortened(error)))?;
    failpoint::pass(Point::SettleBuried);
    if buried == 1 { delete(connection, &[row]) } else { Ok(()) }
}
