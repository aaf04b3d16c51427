//! Creates streams, and shows what there is.

use rusqlite::{Connection, OptionalExtension, Row};

use super::clock::Now;
use super::{StreamId, consumer, mend, trim};
use crate::message::Seq;
use crate::sqlite::rows;
use crate::stream::StreamConfig;
use crate::stream::rules::{TIDY_ROWS, duration, millis};
use crate::stream::store::{ConsumerId, ConsumerInfo, StreamInfo};

const COLUMNS: &str =
    "id, name, first_seq, last_seq, bytes, age_max_ms, count_max, bytes_max, dedup_ms, dedup_count,
       (SELECT count(*) FROM outbox_stream_consumer c WHERE c.stream = s.id),
       (SELECT count(*) FROM outbox_stream_dead d WHERE d.stream = s.id)";

pub(super) fn create(connection: &Connection, config: &StreamConfig) -> rusqlite::Result<StreamInfo> {
    let mut upsert = connection.prepare_cached(
        // An id is never used again: a handle must not reach a successor.
        "INSERT INTO outbox_stream (id, name, age_max_ms, count_max, bytes_max, dedup_ms, dedup_count)
         VALUES ((SELECT 1 + max(coalesce((SELECT max(id) FROM outbox_stream), 0), coalesce(
                    (SELECT CAST(value AS INTEGER) FROM outbox_meta WHERE name = 'stream_deleted'), 0))),
                 ?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (name) DO UPDATE SET age_max_ms = ?2, count_max = ?3, bytes_max = ?4, dedup_ms = ?5,
                                          dedup_count = ?6",
    )?;
    let age_max = config.age_max.map(millis);
    let (count_max, bytes_max) = (config.count_max.map(signed), config.bytes_max.map(signed));
    let dedup = (millis(config.dedup_window), signed(config.dedup_count));
    upsert.execute((&config.name, age_max, count_max, bytes_max, dedup.0, dedup.1))?;
    find(connection, &config.name).map(|info| info.expect("it was just written"))
}

/// Takes away a part of it; of what belongs to it the stream itself is the last. `true`: there is more.
pub(super) fn delete(connection: &Connection, stream: StreamId) -> rusqlite::Result<bool> {
    let mut find =
        connection.prepare_cached("SELECT id FROM outbox_stream_consumer WHERE stream = ?1 LIMIT 1")?;
    if let Some(id) = find.query_row([stream.0], |row| row.get(0).map(ConsumerId)).optional()? {
        consumer::delete(connection, id)?;
        return Ok(true);
    }
    if trim::cut(connection, stream, Seq(i64::MAX))? > 0 {
        return Ok(true);
    }
    let mut letters = connection.prepare_cached(
        "DELETE FROM outbox_stream_dead WHERE number IN
           (SELECT number FROM outbox_stream_dead WHERE stream = ?1 ORDER BY number LIMIT ?2)",
    )?;
    if letters.execute((stream.0, TIDY_ROWS))? > 0 {
        return Ok(true);
    }
    let deleted =
        connection.prepare_cached("DELETE FROM outbox_stream WHERE id = ?1")?.execute([stream.0])?;
    if deleted == 1 {
        let mut remember = connection.prepare_cached(
            "INSERT INTO outbox_meta (name, value) VALUES ('stream_deleted', ?1)
             ON CONFLICT (name) DO UPDATE SET value = max(CAST(value AS INTEGER), ?1)",
        )?;
        remember.execute([stream.0])?;
    }
    Ok(false)
}

pub(super) fn find(connection: &Connection, name: &str) -> rusqlite::Result<Option<StreamInfo>> {
    let sql = format!("SELECT {COLUMNS} FROM outbox_stream s WHERE name = ?1");
    connection.prepare_cached(&sql)?.query_row([name], stream_info).optional()
}

pub(super) fn list(connection: &Connection) -> rusqlite::Result<Vec<StreamInfo>> {
    let sql = format!("SELECT {COLUMNS} FROM outbox_stream s ORDER BY name");
    connection.prepare_cached(&sql)?.query_map([], stream_info)?.collect()
}

fn stream_info(row: &Row<'_>) -> rusqlite::Result<StreamInfo> {
    let bound = |column| row.get::<_, Option<i64>>(column).map(|bound| bound.map(rows::unsigned));
    Ok(StreamInfo {
        id: StreamId(row.get(0)?),
        config: StreamConfig {
            name: row.get(1)?,
            age_max: row.get::<_, Option<i64>>(5)?.map(duration),
            count_max: bound(6)?,
            bytes_max: bound(7)?,
            dedup_window: duration(row.get(8)?),
            dedup_count: rows::unsigned(row.get(9)?),
        },
        first: Seq(row.get(2)?),
        last: Seq(row.get(3)?),
        bytes: rows::unsigned(row.get(4)?),
        consumers: rows::unsigned(row.get(10)?),
        dead: rows::unsigned(row.get(11)?),
    })
}

pub(super) fn consumers(connection: &Connection, stream: StreamId) -> rusqlite::Result<Vec<ConsumerInfo>> {
    let mut select = connection.prepare_cached(
        "SELECT c.name, coalesce(min(p.seq), c.next_seq) - 1, count(p.seq), s.last_seq + 1 - c.next_seq, c.missed
           FROM outbox_stream_consumer c
           JOIN outbox_stream s ON s.id = c.stream
           LEFT JOIN outbox_stream_pending p ON p.consumer = c.id
          WHERE c.stream = ?1 GROUP BY c.id ORDER BY c.name",
    )?;
    let consumers = select.query_map([stream.0], |row| {
        Ok(ConsumerInfo {
            name: row.get(0)?,
            ack_floor: Seq(row.get(1)?),
            pending: rows::unsigned(row.get(2)?),
            waiting: rows::unsigned(row.get(3)?),
            missed: rows::unsigned(row.get(4)?),
        })
    })?;
    consumers.collect()
}

fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// A step over all streams, and over the ephemeral consumers that nobody has pulled for.
pub(super) fn tidy(connection: &Connection, now: Now) -> rusqlite::Result<bool> {
    let now = now.ms(connection)?;
    let ids = |sql: &str| -> rusqlite::Result<Vec<i64>> {
        connection.prepare_cached(sql)?.query_map([], |row| row.get(0))?.collect()
    };
    for id in ids(&format!("SELECT id FROM outbox_stream_consumer WHERE expires_ms <= {now}"))? {
        consumer::delete(connection, ConsumerId(id))?;
    }
    for id in ids("SELECT id FROM outbox_stream ORDER BY id")? {
        let is_ahead = mend::step(connection, StreamId(id), now, TIDY_ROWS.into())?;
        if trim::step(connection, StreamId(id), now, TIDY_ROWS.into())? || is_ahead {
            return Ok(true);
        }
    }
    Ok(false)
}
