//! The log itself: appended at its end, read from a place on. How it is appended to is in `streams.sql`.

use capstone_bus::Pattern;
use deadpool_postgres::GenericClient;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Error, Row};

use super::filter;
use crate::message::{Message, RowId, Seq};
use crate::postgres::columns::Columns;
use crate::postgres::row;
use crate::store::Budget;
use crate::stream::Start;
use crate::stream::rules::{SCAN_MAX, millis_since_1970, time_of};
use crate::stream::store::{Page, PublishAck, Record, StreamId};

/// Parameters 1 to 5 are the columns of the messages. No row where there is no such stream.
const APPEND: &str = "SELECT appended.appended_seq, appended.is_duplicate FROM outbox_stream AS s,
        outbox_stream_append(s.id, $1, $2, $3, $4, $5, $7) AS appended WHERE s.id = $6";

/// Rows that are still in the outbox, in their order. The stream is locked first, so two relays that bring the same rows do
/// it one after the other.
const MOVE: &str = "SELECT count(*) FROM (
       SELECT array_agg(id) AS ids, array_agg(topic) AS topics, array_agg(key) AS keys, array_agg(headers::text) AS headers,
              array_agg(payload) AS payloads
         FROM (SELECT id, topic, key, headers, payload FROM outbox JOIN unnest($1::bigint[], $4::uuid[]) AS moved (seq, id) USING (seq, id)
                ORDER BY seq) AS published
     ) AS moved, outbox_stream_append($2, ids, topics, keys, headers, payloads, $3) WHERE ids IS NOT NULL";

pub(super) const LOCK: &str = "SELECT FROM outbox_stream WHERE id = $1 FOR NO KEY UPDATE";

/// From $2 on, with the bounds of the stream; without payload and headers from where the bytes are used up. There are no
/// holes, so a step's last number is known before it is read.
const SCAN: &str = "SELECT found.seq, 0::smallint, found.id, found.topic, found.key,
        CASE WHEN found.fits THEN found.headers::text END, CASE WHEN found.fits THEN found.payload END, found.at_ms,
        stream.first_seq, stream.last_seq
   FROM outbox_stream AS stream LEFT JOIN LATERAL (
     SELECT *, sum(weight) OVER (ROWS UNBOUNDED PRECEDING) - weight <= $5::bigint AS fits
       FROM (SELECT * FROM outbox_stream_message AS m
              WHERE (m.stream, m.seq) >= (stream.id, $2::bigint)
                AND (m.stream, m.seq) < (stream.id, greatest($2::bigint, stream.first_seq) + $6::bigint)
                AND ($3::text IS NULL OR m.topic ~ $3)
              ORDER BY m.stream, m.seq LIMIT $4::bigint + 1) AS passing
   ) AS found ON true
  WHERE stream.id = $1";

const BOUNDS: &str = "SELECT first_seq, last_seq FROM outbox_stream WHERE id = $1";

const IS_SINCE: &str = "SELECT at_ms >= $3 FROM outbox_stream_message WHERE stream = $1 AND seq = $2";

const LAST: &str =
    "SELECT seq FROM outbox_stream_message WHERE stream = $1 AND ($2::text IS NULL OR topic ~ $2)
     ORDER BY stream DESC, seq DESC LIMIT 1";

/// `None`: there is no such stream.
pub(super) async fn append(
    client: &impl tokio_postgres::GenericClient,
    stream: StreamId,
    messages: &[Message],
    now: Option<i64>,
) -> Result<Option<Vec<PublishAck>>, Error> {
    let columns = Columns::of(messages);
    let mut parameters = columns.parameters();
    parameters.extend([(&stream.0 as &(dyn ToSql + Sync), Type::INT8), (&now, Type::INT8)]);
    match client.query_typed(APPEND, &parameters).await {
        Ok(rows) if rows.is_empty() && !messages.is_empty() => Ok(None),
        Ok(rows) => Ok(Some(rows.iter().map(ack).collect())),
        // It was deleted while its lock was waited for.
        Err(error) if error.code() == Some(&SqlState::NO_DATA_FOUND) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Expects `appended_seq, is_duplicate`.
pub(super) fn ack(row: &Row) -> PublishAck {
    PublishAck { seq: Seq(row.get(0)), is_duplicate: row.get(1) }
}

/// Appends rows of the outbox that are still there, in their order. Whoever deletes them in the same transaction can
/// do that as often as they like: each row is appended once.
pub(super) async fn append_from_outbox(
    tx: &impl GenericClient,
    stream: StreamId,
    rows: &[RowId],
    now: Option<i64>,
) -> Result<(), Error> {
    let (lock, append) = (tx.prepare_cached(LOCK).await?, tx.prepare_cached(MOVE).await?);
    let (seqs, ids) = row::ids(rows);
    let of_stream: [&(dyn ToSql + Sync); 1] = [&stream.0];
    let moved: [&(dyn ToSql + Sync); 4] = [&seqs, &stream.0, &now, &ids];
    // `try_join` polls in this order, and the first poll sends.
    futures::try_join!(tx.query_one(&lock, &of_stream), tx.query_one(&append, &moved)).map(drop)
}

/// What a scan from a place on found.
pub(super) struct Scanned {
    pub(super) records: Vec<Record>,
    pub(super) next: i64,
    /// Missing before the first record, or before `next` if there is none.
    pub(super) gap: u64,
    pub(super) more: bool,
}

pub(super) async fn scan(
    client: &impl GenericClient,
    stream: StreamId,
    from: i64,
    filter: Option<&Pattern>,
    budget: Budget,
) -> Result<Scanned, Error> {
    let scan = client.prepare_cached(SCAN).await?;
    let (limit, bytes) = (row::number(budget.rows), row::number(budget.bytes));
    // Far enough from the end of the numbers to be added to.
    let (from, looked) = (from.min(i64::MAX / 2), i64::from(SCAN_MAX));
    let filter = filter.map(filter::regex);
    let rows = client.query(&scan, &[&stream.0, &from, &filter, &limit, &bytes, &looked]).await?;
    let (first, last): (i64, i64) = rows.first().map_or((1, 0), |row| (row.get(8), row.get(9)));
    let begin = from.max(first);
    let end = begin.saturating_add(looked);
    let next = if begin > last { begin } else { end.min(last + 1) };
    let gap = u64::try_from(begin - from).unwrap_or(0);
    let mut scanned = Scanned { records: Vec::new(), next, gap, more: end <= last };
    let mut bytes = 0;
    for row in rows.iter().filter(|row| row.get::<_, Option<i64>>(0).is_some()) {
        let record = record(row)?.filter(|record| {
            bytes += record.message.weight();
            bytes <= budget.bytes || scanned.records.is_empty()
        });
        let Some(record) = record.filter(|_| scanned.records.len() < budget.rows) else {
            (scanned.next, scanned.more) = (row.get(0), true);
            break;
        };
        scanned.records.push(record);
    }
    Ok(scanned)
}

pub(super) async fn read(
    client: &impl GenericClient,
    stream: StreamId,
    from: Seq,
    filter: Option<&Pattern>,
    budget: Budget,
) -> Result<Page, Error> {
    let Scanned { records, next, gap, more } = scan(client, stream, from.0, filter, budget).await?;
    Ok(Page { records, next: Seq(next), gap, more })
}

/// Expects `seq, lane, id, topic, key, headers, payload, at_ms`; `None` for a row that came without its payload.
pub(super) fn record(row: &Row) -> Result<Option<Record>, Error> {
    let Some(message) = row::envelope(row)? else { return Ok(None) };
    Ok(Some(Record { message, published_at: time_of(row.try_get(7)?), gap: 0 }))
}

pub(super) async fn locate(
    client: &impl GenericClient,
    stream: StreamId,
    start: Start,
    filter: Option<&Pattern>,
) -> Result<Seq, Error> {
    let bounds = client.query_opt(&client.prepare_cached(BOUNDS).await?, &[&stream.0]).await?;
    // A stream that was deleted has nothing.
    let (first, last): (i64, i64) = bounds.map_or((1, 0), |bounds| (bounds.get(0), bounds.get(1)));
    Ok(Seq(match start {
        Start::First => first,
        Start::New => last + 1,
        Start::Seq(seq) => seq.0.max(1),
        Start::Time(time) => published_since(client, stream, (first, last), millis_since_1970(time)).await?,
        Start::Last => {
            let select = client.prepare_cached(LAST).await?;
            let found = client.query_opt(&select, &[&stream.0, &filter.map(filter::regex)]).await?;
            found.map_or(last + 1, |row| row.get(0))
        }
    }))
}

/// Times never go back within a stream, and it has no holes: a search by halves, a row a step. What retention takes
/// meanwhile was earlier.
async fn published_since(
    client: &impl GenericClient,
    stream: StreamId,
    (first, last): (i64, i64),
    ms: i64,
) -> Result<i64, Error> {
    let select = client.prepare_cached(IS_SINCE).await?;
    let (mut low, mut high) = (first, last + 1);
    while low < high {
        let middle = low + (high - low) / 2;
        let found = client.query_opt(&select, &[&stream.0, &middle, &ms]).await?;
        if found.is_some_and(|row| row.get(0)) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    Ok(low)
}
