//! What consumers have given up: shown, delivered again, deleted.

use rusqlite::{Connection, OptionalExtension};

use super::{Now, StreamId};
use crate::message::Seq;
use crate::sqlite::rows;
use crate::stream::store::{DeadLetter, Letters, Redriven};

pub(super) fn letters(
    connection: &Connection,
    stream: StreamId,
    consumer: Option<&str>,
    limit: usize,
) -> rusqlite::Result<Vec<DeadLetter>> {
    let mut select = connection.prepare_cached(
        "SELECT seq, id, topic, key, headers, payload, consumer, deliveries, reason
           FROM outbox_stream_dead WHERE stream = ?1 AND (?2 IS NULL OR consumer = ?2) ORDER BY number LIMIT ?3",
    )?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let letters = select.query_map((stream.0, consumer, limit), |row| {
        let (consumer, deliveries, reason) = (row.get(6)?, row.get(7)?, row.get(8)?);
        Ok(DeadLetter { consumer, message: rows::envelope(row)?, deliveries, reason })
    })?;
    letters.collect()
}

/// Only what the cursor has passed: what is before it comes anyway.
pub(super) fn redrive(
    connection: &Connection,
    stream: StreamId,
    consumer: &str,
    letters: Letters,
    now: Now,
) -> rusqlite::Result<Option<Redriven>> {
    let mut find = connection
        .prepare_cached("SELECT id, next_seq FROM outbox_stream_consumer WHERE stream = ?1 AND name = ?2")?;
    let found = find.query_row((stream.0, consumer), |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    let Some((id, next)): Option<(i64, i64)> = found else { return Ok(None) };
    let seq = place(letters);
    let mut insert = connection.prepare_cached(
        "INSERT INTO outbox_stream_pending (consumer, seq, deliveries, handed, due_ms, member)
         SELECT DISTINCT ?4, d.seq, 0, 0, ?6, x''
           FROM outbox_stream_dead d JOIN outbox_stream_message m ON m.stream = d.stream AND m.seq = d.seq
          WHERE d.stream = ?1 AND d.consumer = ?2 AND (?3 IS NULL OR d.seq = ?3) AND d.seq < ?5
         ON CONFLICT (consumer, seq) DO NOTHING",
    )?;
    insert.execute((stream.0, consumer, seq, id, next, now.ms(connection)?))?;
    let mut delete = connection.prepare_cached(
        "DELETE FROM outbox_stream_dead
          WHERE stream = ?1 AND consumer = ?2 AND (?3 IS NULL OR seq = ?3)
            AND seq < ?4 AND seq IN (SELECT seq FROM outbox_stream_message WHERE stream = ?1)",
    )?;
    let again = delete.execute((stream.0, consumer, seq, next))?;
    let mut left = connection.prepare_cached(
        "SELECT count(*) - coalesce(sum(seq >= ?4), 0), coalesce(sum(seq >= ?4), 0)
           FROM outbox_stream_dead WHERE stream = ?1 AND consumer = ?2 AND (?3 IS NULL OR seq = ?3)",
    )?;
    let again = u64::try_from(again).unwrap_or(u64::MAX);
    let redriven = left.query_row((stream.0, consumer, seq, next), |row| {
        Ok(Redriven { again, gone: rows::unsigned(row.get(0)?), ahead: rows::unsigned(row.get(1)?) })
    });
    redriven.map(Some)
}

pub(super) fn discard(
    connection: &Connection,
    stream: StreamId,
    consumer: &str,
    letters: Letters,
) -> rusqlite::Result<u64> {
    let mut delete = connection.prepare_cached(
        "DELETE FROM outbox_stream_dead WHERE stream = ?1 AND consumer = ?2 AND (?3 IS NULL OR seq = ?3)",
    )?;
    let deleted = delete.execute((stream.0, consumer, place(letters)))?;
    Ok(u64::try_from(deleted).unwrap_or(u64::MAX))
}

/// `NULL`: all of them.
fn place(letters: Letters) -> Option<i64> {
    match letters {
        Letters::All => None,
        Letters::At(Seq(seq)) => Some(seq),
    }
}
