//! What consumers have given up: shown, delivered again, deleted.

use rusqlite::{Connection, OptionalExtension};

use super::StreamId;
use super::clock::Now;
use crate::message::Seq;
use crate::sqlite::rows;
use crate::stream::rules::{LETTERS_AT_ONCE, LETTERS_LOOKED};
use crate::stream::store::{DeadLetter, Letters, Redriven, Step, Walk};

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

/// The letters of one step by their numbers, as a JSON array, and where the next one begins.
fn choose(
    connection: &Connection,
    stream: StreamId,
    consumer: &str,
    letters: Letters,
    walk: Walk,
) -> rusqlite::Result<(String, Option<Walk>)> {
    let upto = match walk.upto {
        Some(upto) => upto,
        None => connection
            .prepare_cached("SELECT coalesce(max(number), 0) FROM outbox_stream_dead WHERE stream = ?1")?
            .query_row([stream.0], |row| row.get(0))?,
    };
    let mut select = connection.prepare_cached(
        "SELECT number, seq, consumer FROM outbox_stream_dead
          WHERE stream = ?1 AND number > ?2 AND number <= ?3 ORDER BY number",
    )?;
    let mut rows = select.query((stream.0, walk.behind, upto))?;
    let (mut chosen, mut looked, mut behind) = (Vec::new(), 0, walk.behind);
    while let Some(row) = rows.next()? {
        if looked == LETTERS_LOOKED || chosen.len() == usize::from(LETTERS_AT_ONCE) {
            return Ok((rows::json_array(&chosen), Some(Walk { behind, upto: Some(upto) })));
        }
        looked += 1;
        behind = row.get(0)?;
        let is_chosen = match letters {
            Letters::All => true,
            Letters::At(seq) => seq.0 == row.get::<_, i64>(1)?,
        };
        if is_chosen && row.get_ref(2)?.as_str()? == consumer {
            chosen.push(Seq(behind));
        }
    }
    Ok((rows::json_array(&chosen), None))
}

/// Only what the cursor has passed: what is before it comes anyway.
pub(super) fn redrive(
    connection: &Connection,
    stream: StreamId,
    consumer: &str,
    letters: Letters,
    walk: Walk,
    now: Now,
) -> rusqlite::Result<Option<Step<Redriven>>> {
    let mut find = connection
        .prepare_cached("SELECT id, next_seq FROM outbox_stream_consumer WHERE stream = ?1 AND name = ?2")?;
    let found = find.query_row((stream.0, consumer), |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    let Some((id, cursor)): Option<(i64, i64)> = found else { return Ok(None) };
    let (chosen, next) = choose(connection, stream, consumer, letters, walk)?;
    let mut insert = connection.prepare_cached(
        "INSERT INTO outbox_stream_pending (consumer, seq, deliveries, handed, due_ms, member)
         SELECT DISTINCT ?2, d.seq, 0, 0, ?4, x''
           FROM outbox_stream_dead d JOIN outbox_stream_message m ON m.stream = d.stream AND m.seq = d.seq
          WHERE d.number IN (SELECT value FROM json_each(?1)) AND d.seq < ?3
         ON CONFLICT (consumer, seq) DO NOTHING",
    )?;
    insert.execute((&chosen, id, cursor, now.ms(connection)?))?;
    let mut delete = connection.prepare_cached(
        "DELETE FROM outbox_stream_dead AS d
          WHERE number IN (SELECT value FROM json_each(?1)) AND seq < ?2
            AND EXISTS (SELECT 1 FROM outbox_stream_message m WHERE m.stream = d.stream AND m.seq = d.seq)",
    )?;
    let again = delete.execute((&chosen, cursor))?;
    let mut left = connection.prepare_cached(
        "SELECT count(*) - coalesce(sum(seq >= ?2), 0), coalesce(sum(seq >= ?2), 0)
           FROM outbox_stream_dead WHERE number IN (SELECT value FROM json_each(?1))",
    )?;
    let again = u64::try_from(again).unwrap_or(u64::MAX);
    let done = left.query_row((&chosen, cursor), |row| {
        Ok(Redriven { again, gone: rows::unsigned(row.get(0)?), ahead: rows::unsigned(row.get(1)?) })
    });
    Ok(Some(Step { done: done?, next }))
}

pub(super) fn discard(
    connection: &Connection,
    stream: StreamId,
    consumer: &str,
    letters: Letters,
    walk: Walk,
) -> rusqlite::Result<Step<u64>> {
    let (chosen, next) = choose(connection, stream, consumer, letters, walk)?;
    let mut delete = connection
        .prepare_cached("DELETE FROM outbox_stream_dead WHERE number IN (SELECT value FROM json_each(?1))")?;
    Ok(Step { done: u64::try_from(delete.execute([chosen])?).unwrap_or(u64::MAX), next })
}
