//! The log itself: appended at its end, read from a place on.

use capstone_bus::{Pattern, Topic};
use rusqlite::{Connection, OptionalExtension, Row};

use super::clock::Now;
use super::{mend, trim};
use crate::message::{Message, MessageId, RowId, Seq};
use crate::sqlite::rows;
use crate::store::Budget;
use crate::stream::Start;
use crate::stream::rules::{SCAN_MAX, millis_since_1970, time_of};
use crate::stream::store::{Page, PublishAck, Record, StreamId};

/// What a message weighs for retention.
pub(super) const WEIGHT: &str =
    "length(payload) + octet_length(topic) + octet_length(headers) + ifnull(octet_length(key), 0)";

/// The end of a stream while something is appended to it.
struct Tail {
    stream: StreamId,
    last: i64,
    /// What the clock says.
    clock: i64,
    /// No earlier than the last message.
    now: i64,
    /// Messages behind these are too old, and too far back, to make one of the same id a duplicate.
    dedup_after_ms: i64,
    dedup_count: i64,
}

impl Tail {
    fn load(connection: &Connection, stream: StreamId, added: usize, now: Now) -> rusqlite::Result<Self> {
        let clock = now.ms(connection)?;
        mend::step(connection, stream, clock, trim::after(added))?;
        let mut select = connection.prepare_cached(
            "SELECT last_seq, max(last_ms, ?2), dedup_ms, dedup_count FROM outbox_stream WHERE id = ?1",
        )?;
        select.query_row((stream.0, clock), |row| {
            let now: i64 = row.get(1)?;
            let dedup_after_ms = now.saturating_sub(row.get(2)?);
            Ok(Self { stream, last: row.get(0)?, clock, now, dedup_after_ms, dedup_count: row.get(3)? })
        })
    }

    /// The index is named: the planner would rather look through all of the window.
    fn duplicate(&self, connection: &Connection, id: MessageId) -> rusqlite::Result<Option<Seq>> {
        let mut select = connection.prepare_cached(
            "SELECT seq FROM outbox_stream_message INDEXED BY outbox_stream_message_id
              WHERE stream = ?1 AND id = ?2 AND at_ms > ?3 AND seq > ?4 ORDER BY seq DESC LIMIT 1",
        )?;
        let id: &[u8] = id.as_bytes();
        let oldest = self.last.saturating_sub(self.dedup_count);
        let found = (self.stream.0, id, self.dedup_after_ms, oldest);
        select.query_row(found, |row| row.get(0).map(Seq)).optional()
    }

    fn push(&mut self, connection: &Connection, message: &Message) -> rusqlite::Result<Seq> {
        let mut insert = connection.prepare_cached(
            "INSERT INTO outbox_stream_message (stream, seq, id, at_ms, topic, key, headers, payload)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?;
        let headers = serde_json::to_string(&message.headers).expect("a map of strings is JSON");
        let (id, topic): (&[u8], &str) = (message.id.as_bytes(), message.topic.as_ref());
        let (key, payload) = (&message.key, &message.payload[..]);
        self.last += 1;
        insert.execute((self.stream.0, self.last, id, self.now, topic, key, headers, payload))?;
        Ok(Seq(self.last))
    }

    /// Writes the new end, and lets retention follow.
    fn save(self, connection: &Connection, before: i64) -> rusqlite::Result<()> {
        let added = usize::try_from(self.last - before).unwrap_or(0);
        if added == 0 {
            return Ok(());
        }
        let sql = format!(
            "UPDATE outbox_stream SET last_seq = ?2, last_ms = ?3, bytes = bytes +
               (SELECT sum({WEIGHT}) FROM outbox_stream_message WHERE stream = ?1 AND seq > ?4) WHERE id = ?1"
        );
        connection.prepare_cached(&sql)?.execute((self.stream.0, self.last, self.now, before))?;
        trim::step(connection, self.stream, self.clock, trim::after(added)).map(drop)
    }
}

pub(super) fn append(
    connection: &Connection,
    stream: StreamId,
    messages: &[Message],
    now: Now,
) -> rusqlite::Result<Option<Vec<PublishAck>>> {
    let Some(mut tail) = Tail::load(connection, stream, messages.len(), now).optional()? else {
        return Ok(None);
    };
    let before = tail.last;
    let mut acks = Vec::with_capacity(messages.len());
    for message in messages {
        acks.push(match tail.duplicate(connection, message.id)? {
            Some(seq) => PublishAck { seq, is_duplicate: true },
            None => PublishAck { seq: tail.push(connection, message)?, is_duplicate: false },
        });
    }
    tail.save(connection, before)?;
    Ok(Some(acks))
}

/// Appends rows of the outbox that are still there, in their order. Whoever deletes them in the same transaction can
/// do that as often as they like: each row is appended once.
pub(super) fn append_from_outbox(
    connection: &Connection,
    stream: StreamId,
    rows: &[RowId],
    now: Now,
) -> rusqlite::Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let mut tail = Tail::load(connection, stream, rows.len(), now)?;
    let before = tail.last;
    // `seq > ?5` speaks of what the stream had before.
    let mut insert = connection.prepare_cached(
        "INSERT INTO outbox_stream_message (stream, seq, id, at_ms, topic, key, headers, payload)
         SELECT ?1, ?2 + row_number() OVER (ORDER BY o.seq), o.id, ?3, o.topic, o.key, o.headers, o.payload
           FROM json_each(?6) AS moved CROSS JOIN outbox o
          WHERE o.seq = moved.value ->> 0 AND hex(o.id) = moved.value ->> 1
            AND NOT EXISTS (SELECT 1 FROM outbox_stream_message m INDEXED BY outbox_stream_message_id
                             WHERE m.stream = ?1 AND m.id = o.id AND m.at_ms > ?4 AND m.seq > ?5)",
    )?;
    let oldest = before.saturating_sub(tail.dedup_count);
    let rows: Vec<(i64, String)> = rows.iter().map(|row| (row.seq.0, hex(row.id))).collect();
    let rows = serde_json::to_string(&rows).expect("numbers and strings are JSON");
    let added = insert.execute((stream.0, before, tail.now, tail.dedup_after_ms, oldest, rows))?;
    tail.last += i64::try_from(added).unwrap_or(0);
    tail.save(connection, before)
}

/// As SQLite writes a blob.
fn hex(id: MessageId) -> String {
    format!("{:032X}", u128::from_be_bytes(*id.as_bytes()))
}

/// What a scan from a place on found.
pub(super) struct Scanned {
    pub(super) records: Vec<Record>,
    pub(super) next: i64,
    /// Missing before the first record, or before `next` if there is none.
    pub(super) gap: u64,
    pub(super) more: bool,
}

pub(super) fn scan(
    connection: &Connection,
    stream: StreamId,
    from: i64,
    filter: Option<&Pattern>,
    budget: Budget,
) -> rusqlite::Result<Scanned> {
    let first = bounds(connection, stream)?.0;
    let begin = from.max(first);
    let gap = u64::try_from(begin - from).unwrap_or(0);
    let mut scanned = Scanned { records: Vec::new(), next: begin, gap, more: false };
    let mut bytes = 0;
    let mut select = connection.prepare_cached(
        "SELECT seq, id, topic, key, headers, payload, at_ms FROM outbox_stream_message
          WHERE stream = ?1 AND seq >= ?2 ORDER BY seq",
    )?;
    let mut rows = select.query((stream.0, begin))?;
    let mut looked = 0_u16;
    while let Some(row) = rows.next()? {
        scanned.more = scanned.records.len() >= budget.rows || looked == SCAN_MAX;
        if scanned.more {
            break;
        }
        looked += 1;
        if passes(filter, row.get_ref(2)?.as_str()?) {
            let record = record(row)?;
            bytes += record.message.weight();
            if bytes > budget.bytes && !scanned.records.is_empty() {
                scanned.more = true;
                break;
            }
            scanned.records.push(record);
        }
        scanned.next = row.get::<_, i64>(0)? + 1;
    }
    Ok(scanned)
}

pub(super) fn read(
    connection: &Connection,
    stream: StreamId,
    from: Seq,
    filter: Option<&Pattern>,
    budget: Budget,
) -> rusqlite::Result<Page> {
    let Scanned { records, next, gap, more } = scan(connection, stream, from.0, filter, budget)?;
    Ok(Page { records, next: Seq(next), gap, more })
}

/// Expects `seq, id, topic, key, headers, payload, at_ms`.
pub(super) fn record(row: &Row<'_>) -> rusqlite::Result<Record> {
    Ok(Record { message: rows::envelope(row)?, published_at: time_of(row.get(6)?), gap: 0 })
}

/// The first place that is held and the last one that was given. A stream that was deleted has nothing.
pub(super) fn bounds(connection: &Connection, stream: StreamId) -> rusqlite::Result<(i64, i64)> {
    let mut select =
        connection.prepare_cached("SELECT first_seq, last_seq FROM outbox_stream WHERE id = ?1")?;
    let found = select.query_row([stream.0], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    Ok(found.unwrap_or((1, 0)))
}

pub(super) fn locate(
    connection: &Connection,
    stream: StreamId,
    start: Start,
    filter: Option<&Pattern>,
) -> rusqlite::Result<Seq> {
    let (first, last) = bounds(connection, stream)?;
    Ok(Seq(match start {
        Start::First => first,
        Start::New => last + 1,
        Start::Seq(seq) => seq.0.max(1),
        Start::Time(time) => published_since(connection, stream, (first, last), millis_since_1970(time))?,
        Start::Last => last_that_passes(connection, stream, filter)?.unwrap_or(last + 1),
    }))
}

/// Times never go back within a stream, and it has no holes: a search by halves, a row a step.
pub(super) fn published_since(
    connection: &Connection,
    stream: StreamId,
    (first, last): (i64, i64),
    ms: i64,
) -> rusqlite::Result<i64> {
    let mut select = connection
        .prepare_cached("SELECT at_ms >= ?3 FROM outbox_stream_message WHERE stream = ?1 AND seq = ?2")?;
    let (mut low, mut high) = (first, last + 1);
    while low < high {
        let middle = low + (high - low) / 2;
        match select.query_row((stream.0, middle, ms), |row| row.get(0))? {
            true => high = middle,
            false => low = middle + 1,
        }
    }
    Ok(low)
}

fn last_that_passes(
    connection: &Connection,
    stream: StreamId,
    filter: Option<&Pattern>,
) -> rusqlite::Result<Option<i64>> {
    let mut select = connection
        .prepare_cached("SELECT seq, topic FROM outbox_stream_message WHERE stream = ?1 ORDER BY seq DESC")?;
    let mut rows = select.query([stream.0])?;
    while let Some(row) = rows.next()? {
        if passes(filter, row.get_ref(1)?.as_str()?) {
            return row.get(0).map(Some);
        }
    }
    Ok(None)
}

fn passes(filter: Option<&Pattern>, topic: &str) -> bool {
    filter.is_none_or(|filter| Topic::new(topic).is_ok_and(|topic| filter.matches(&topic)))
}
