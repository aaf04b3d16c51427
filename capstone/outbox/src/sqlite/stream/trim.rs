//! Retention: takes from the front of a stream, a few rows a transaction, so that no writer waits for a clean-up.

use rusqlite::{Connection, OptionalExtension};

use super::{StreamId, log::WEIGHT};
use crate::message::Seq;
use crate::sqlite::rows;
use crate::stream::rules::TIDY_ROWS;

/// How many rows may go with a publish of so many: more than it adds, so that a bound that was lowered is reached.
pub(super) fn after(added: usize) -> usize {
    added * 2 + 16
}

/// Takes away at most `limit` rows that are too old or too many. `true`: it stopped at the limit.
pub(super) fn step(
    connection: &Connection,
    stream: StreamId,
    now: i64,
    limit: usize,
) -> rusqlite::Result<bool> {
    let mut select = connection.prepare_cached(
        "SELECT first_seq, last_seq, bytes, ?2 - age_max_ms, count_max, bytes_max FROM outbox_stream WHERE id = ?1",
    )?;
    let (first, last, bytes, oldest_ms, count_max, bytes_max) = select.query_row((stream.0, now), |row| {
        let (oldest, count, bytes): (Option<i64>, Option<i64>, Option<i64>) =
            (row.get(3)?, row.get(4)?, row.get(5)?);
        Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, row.get::<_, i64>(2)?, oldest, count, bytes))
    })?;
    let is_over = |seq: i64, bytes: i64| {
        count_max.is_some_and(|max| last - seq >= max)
            || bytes_max.is_some_and(|max| bytes > max && seq < last)
    };
    if oldest_ms.is_none() && !is_over(first, bytes) {
        return Ok(false);
    }
    let sql = format!(
        "SELECT seq, at_ms, {WEIGHT} FROM outbox_stream_message WHERE stream = ?1 ORDER BY seq LIMIT ?2"
    );
    let mut select = connection.prepare_cached(&sql)?;
    let mut rows = select.query((stream.0, i64::try_from(limit).unwrap_or(i64::MAX)))?;
    let (mut taken, mut left) = (0, bytes);
    while let Some(row) = rows.next()? {
        let (seq, at_ms, weight): (i64, i64, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
        if !is_over(seq, left) && oldest_ms.is_none_or(|oldest| at_ms > oldest) {
            break;
        }
        taken += 1;
        left -= weight;
    }
    drop(rows);
    if taken > 0 {
        take(connection, stream, first + i64::try_from(taken).unwrap_or(0), left)?;
    }
    Ok(taken == limit)
}

/// Takes away at most [`TIDY_ROWS`] messages below this number, whatever the stream keeps, and says how many.
pub(super) fn cut(connection: &Connection, stream: StreamId, below: Seq) -> rusqlite::Result<u64> {
    let mut select = connection
        .prepare_cached("SELECT first_seq, min(?2, last_seq + 1), bytes FROM outbox_stream WHERE id = ?1")?;
    let found = select.query_row((stream.0, below.0), |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)));
    let Some((first, goal, bytes)): Option<(i64, i64, i64)> = found.optional()? else { return Ok(0) };
    let upto = goal.min(first + i64::from(TIDY_ROWS));
    if upto <= first {
        return Ok(0);
    }
    let sql = format!(
        "SELECT coalesce(sum({WEIGHT}), 0) FROM outbox_stream_message WHERE stream = ?1 AND seq < ?2"
    );
    let weight: i64 = connection.prepare_cached(&sql)?.query_row((stream.0, upto), |row| row.get(0))?;
    take(connection, stream, upto, bytes - weight)?;
    Ok(rows::unsigned(upto - first))
}

fn take(connection: &Connection, stream: StreamId, upto: i64, bytes_left: i64) -> rusqlite::Result<()> {
    let mut delete =
        connection.prepare_cached("DELETE FROM outbox_stream_message WHERE stream = ?1 AND seq < ?2")?;
    delete.execute((stream.0, upto))?;
    let mut update =
        connection.prepare_cached("UPDATE outbox_stream SET first_seq = ?2, bytes = ?3 WHERE id = ?1")?;
    update.execute((stream.0, upto, bytes_left)).map(drop)
}
