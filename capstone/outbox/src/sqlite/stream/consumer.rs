//! Consumers: opened by name, pulled for by members.

use std::time::Duration;

use capstone_bus::Pattern;
use rusqlite::{Connection, OptionalExtension};

use super::StreamId;
use super::answer::{self, Backoff};
use super::clock::Now;
use super::log::{self, Scanned};
use crate::message::Seq;
use crate::sqlite::rows;
use crate::store::Budget;
use crate::stream::rules::{self, INACTIVE_MAX_MS, duration, millis};
use crate::stream::store::{ConsumerId, MemberId, Pulled, Reserved, Turn, Word};
use crate::stream::{ConsumerConfig, Lifetime, StreamError};

/// Creates it, or gives an existing one these settings. The inner error is the caller's.
pub(super) fn open(
    connection: &Connection,
    stream: StreamId,
    config: &ConsumerConfig,
    now: Now,
) -> rusqlite::Result<Result<ConsumerId, StreamError>> {
    let found: Option<(i64, Option<String>)> = connection
        .prepare_cached("SELECT id, filter FROM outbox_stream_consumer WHERE stream = ?1 AND name = ?2")?
        .query_row((stream.0, &config.name), |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let filter = config.filter.as_ref().map(Pattern::as_str);
    let backoff = Backoff::text(&config.backoff);
    let (wait, pending) = (millis(config.ack_wait), config.pending_max);
    let deliveries = config.deliveries_max.unwrap_or(0);
    if let Some((id, has)) = found {
        if has.as_deref() != filter {
            let shown = |filter: Option<&str>| filter.unwrap_or("none").to_owned();
            let (has, wanted) = (shown(has.as_deref()), shown(filter));
            return Ok(Err(StreamError::Filter { name: config.name.clone(), has, wanted }));
        }
        let update = "UPDATE outbox_stream_consumer
                         SET ack_wait_ms = ?2, deliveries_max = ?3, backoff_ms = ?4, pending_max = ?5 WHERE id = ?1";
        connection.prepare_cached(update)?.execute((id, wait, deliveries, backoff, pending))?;
        return Ok(Ok(ConsumerId(id)));
    }
    let next = log::locate(connection, stream, config.start, config.filter.as_ref())?;
    let expires = match config.lifetime {
        Lifetime::Durable => None,
        Lifetime::Ephemeral => Some(now.ms(connection)? + INACTIVE_MAX_MS),
    };
    let insert = "INSERT INTO outbox_stream_consumer
                    (stream, name, filter, next_seq, ack_wait_ms, deliveries_max, backoff_ms, pending_max, expires_ms)
                  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
    let row = (stream.0, &config.name, filter, next.0, wait, deliveries, backoff, pending, expires);
    connection.prepare_cached(insert)?.execute(row)?;
    Ok(Ok(ConsumerId(connection.last_insert_rowid())))
}

struct Consumer {
    id: ConsumerId,
    stream: StreamId,
    filter: Option<Pattern>,
    next: i64,
    ack_wait: i64,
    deliveries_max: u32,
    pending_max: usize,
    expires: Option<i64>,
}

fn load(connection: &Connection, id: ConsumerId) -> rusqlite::Result<Option<Consumer>> {
    let mut select = connection.prepare_cached(
        "SELECT stream, filter, next_seq, ack_wait_ms, deliveries_max, pending_max, expires_ms
           FROM outbox_stream_consumer WHERE id = ?1",
    )?;
    let consumer = select.query_row([id.0], |row| {
        let filter: Option<String> = row.get(1)?;
        Ok(Consumer {
            id,
            stream: StreamId(row.get(0)?),
            filter: filter.map(|text| Pattern::new(text).expect("it was a pattern when it was written")),
            next: row.get(2)?,
            ack_wait: row.get(3)?,
            deliveries_max: row.get(4)?,
            pending_max: usize::try_from(row.get::<_, i64>(5)?).unwrap_or(usize::MAX),
            expires: row.get(6)?,
        })
    });
    consumer.optional()
}

/// What is due, then what is new, as far as there is room for pending ones.
pub(super) fn pull(
    connection: &Connection,
    id: ConsumerId,
    member: MemberId,
    word: &Word,
    budget: Budget,
    now: Now,
) -> rusqlite::Result<Option<Pulled>> {
    let Some(consumer) = load(connection, id)? else { return Ok(None) };
    let now = now.ms(connection)?;
    answer::hear(connection, id, member, word, now.saturating_add(consumer.ack_wait))?;
    let mut pulled = Pulled::default();
    let lost = again(connection, &consumer, member, budget, now, &mut pulled)?;
    let bytes: usize = pulled.messages.iter().map(|message| message.record.message.weight()).sum();
    let (taken, pending) = (pulled.messages.len(), count_pending(connection, id)?);
    // Those that were just taken again count among the pending ones.
    let room = consumer.pending_max.saturating_sub(pending).min(budget.rows.saturating_sub(taken));
    let mut next = consumer.next;
    if room > 0 && !pulled.more {
        let budget = Budget { rows: room, bytes: budget.bytes.saturating_sub(bytes) };
        let scanned = log::scan(connection, consumer.stream, next, consumer.filter.as_ref(), budget)?;
        next = scanned.next;
        fresh(connection, &consumer, member, now, scanned, &mut pulled)?;
    }
    // What was lost is told with the first message of this pull.
    let gap = std::mem::take(&mut pulled.gap) + lost;
    match pulled.messages.first_mut() {
        Some(first) => first.record.gap = gap,
        None => pulled.gap = gap,
    }
    advance(connection, &consumer, next, gap, now)?;
    pulled.due_in = due_in(connection, id, now)?;
    Ok(Some(pulled))
}

fn count_pending(connection: &Connection, id: ConsumerId) -> rusqlite::Result<usize> {
    let mut select =
        connection.prepare_cached("SELECT count(*) FROM outbox_stream_pending WHERE consumer = ?1")?;
    let count = select.query_row([id.0], |row| row.get(0).map(rows::unsigned))?;
    Ok(usize::try_from(count).unwrap_or(usize::MAX))
}

/// Reserves anew what is due. Returns how many of those retention has taken.
fn again(
    connection: &Connection,
    consumer: &Consumer,
    member: MemberId,
    budget: Budget,
    now: i64,
    pulled: &mut Pulled,
) -> rusqlite::Result<u64> {
    let mut select = connection.prepare_cached(
        "SELECT seq, deliveries FROM outbox_stream_pending WHERE consumer = ?1 AND due_ms <= ?2 ORDER BY seq LIMIT ?3",
    )?;
    let limit = i64::try_from(budget.rows).unwrap_or(i64::MAX);
    let due: Vec<(i64, u32)> = select
        .query_map((consumer.id.0, now, limit), |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    pulled.more = due.len() == budget.rows;
    let mut message = connection.prepare_cached(
        "SELECT seq, id, topic, key, headers, payload, at_ms FROM outbox_stream_message WHERE stream = ?1 AND seq = ?2",
    )?;
    let mut take = connection.prepare_cached(
        "UPDATE outbox_stream_pending SET handed = 0, due_ms = ?3, member = ?4 WHERE consumer = ?1 AND seq = ?2",
    )?;
    let (due_again, member): (i64, &[u8]) = (now.saturating_add(consumer.ack_wait), member.as_bytes());
    let (mut lost, mut bytes) = (0, 0);
    for (seq, deliveries) in due {
        let Some(record) = message.query_row((consumer.stream.0, seq), log::record).optional()? else {
            answer::forget(connection, consumer.id, Seq(seq))?;
            lost += 1;
            continue;
        };
        if rules::is_spent(deliveries, consumer.deliveries_max) {
            let reason = rules::unanswered(deliveries, consumer.ack_wait);
            answer::bury(connection, consumer.id, Seq(seq), &reason, now)?;
            continue;
        }
        bytes += record.message.weight();
        if bytes > budget.bytes && !pulled.messages.is_empty() {
            pulled.more = true;
            break;
        }
        take.execute((consumer.id.0, seq, due_again, member))?;
        pulled.messages.push(Reserved { record, deliveries, turn: Turn::Later });
    }
    Ok(lost)
}

fn fresh(
    connection: &Connection,
    consumer: &Consumer,
    member: MemberId,
    now: i64,
    scanned: Scanned,
    pulled: &mut Pulled,
) -> rusqlite::Result<()> {
    let mut insert = connection.prepare_cached(
        "INSERT INTO outbox_stream_pending (consumer, seq, deliveries, handed, due_ms, member) VALUES (?1, ?2, 0, 0, ?3, ?4)",
    )?;
    let (due, member): (i64, &[u8]) = (now.saturating_add(consumer.ack_wait), member.as_bytes());
    for record in scanned.records {
        insert.execute((consumer.id.0, record.message.seq.0, due, member))?;
        pulled.messages.push(Reserved { record, deliveries: 0, turn: Turn::First });
    }
    pulled.gap += scanned.gap;
    pulled.more |= scanned.more;
    Ok(())
}

/// Writes only what has changed: a pull that finds nothing costs no commit.
fn advance(
    connection: &Connection,
    consumer: &Consumer,
    next: i64,
    gap: u64,
    now: i64,
) -> rusqlite::Result<()> {
    if next != consumer.next || gap > 0 {
        let mut update = connection.prepare_cached(
            "UPDATE outbox_stream_consumer SET next_seq = ?2, missed = missed + ?3 WHERE id = ?1",
        )?;
        update.execute((consumer.id.0, next, i64::try_from(gap).unwrap_or(i64::MAX)))?;
    }
    if consumer.expires.is_some_and(|expires| expires - now < INACTIVE_MAX_MS / 2) {
        let mut update =
            connection.prepare_cached("UPDATE outbox_stream_consumer SET expires_ms = ?2 WHERE id = ?1")?;
        update.execute((consumer.id.0, now + INACTIVE_MAX_MS))?;
    }
    Ok(())
}

fn due_in(connection: &Connection, id: ConsumerId, now: i64) -> rusqlite::Result<Option<Duration>> {
    let mut select = connection
        .prepare_cached("SELECT min(due_ms) - ?2 FROM outbox_stream_pending WHERE consumer = ?1")?;
    let ms: Option<i64> = select.query_row((id.0, now), |row| row.get(0))?;
    Ok(ms.map(duration))
}

pub(super) fn delete_named(connection: &Connection, stream: StreamId, name: &str) -> rusqlite::Result<bool> {
    let found: Option<i64> = connection
        .prepare_cached("SELECT id FROM outbox_stream_consumer WHERE stream = ?1 AND name = ?2")?
        .query_row((stream.0, name), |row| row.get(0))
        .optional()?;
    let Some(id) = found else { return Ok(false) };
    delete(connection, ConsumerId(id))?;
    Ok(true)
}

pub(super) fn delete(connection: &Connection, id: ConsumerId) -> rusqlite::Result<()> {
    connection.prepare_cached("DELETE FROM outbox_stream_pending WHERE consumer = ?1")?.execute([id.0])?;
    connection.prepare_cached("DELETE FROM outbox_stream_consumer WHERE id = ?1")?.execute([id.0])?;
    Ok(())
}
