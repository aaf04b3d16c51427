//! Moments that lie in the future: a clock that was ahead must not keep messages for as long as it was ahead.

use rusqlite::Connection;

use super::{StreamId, log};
use crate::stream::rules::AHEAD_MAX_MS;

/// Brings at most `limit` of them down to now, from the first one on, so that they still never go back. `true`: there are
/// more.
pub(super) fn step(
    connection: &Connection,
    stream: StreamId,
    now: i64,
    limit: usize,
) -> rusqlite::Result<bool> {
    let mut select =
        connection.prepare_cached("SELECT first_seq, last_seq, last_ms FROM outbox_stream WHERE id = ?1")?;
    let (first, last, last_ms): (i64, i64, i64) =
        select.query_row([stream.0], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    if last_ms <= now.saturating_add(AHEAD_MAX_MS) {
        return Ok(false);
    }
    let begin = log::published_since(connection, stream, (first, last), now.saturating_add(1))?;
    let end = begin.saturating_add(i64::try_from(limit).unwrap_or(i64::MAX));
    let mut update = connection.prepare_cached(
        "UPDATE outbox_stream_message SET at_ms = ?4 WHERE stream = ?1 AND seq >= ?2 AND seq < ?3",
    )?;
    update.execute((stream.0, begin, end, now))?;
    if end <= last {
        return Ok(true);
    }
    connection
        .prepare_cached("UPDATE outbox_stream SET last_ms = ?2 WHERE id = ?1")?
        .execute((stream.0, now))?;
    Ok(false)
}
