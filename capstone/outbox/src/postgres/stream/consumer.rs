//! Consumers: opened by name, pulled for by members.

use std::time::Duration;

use capstone_bus::Pattern;
use deadpool_postgres::{GenericClient, Object};
use tokio_postgres::types::ToSql;
use tokio_postgres::{Error, Row};

use super::clock::now_ms;
use super::log::{self, Scanned};
use super::{StreamId, answer};
use crate::message::Seq;
use crate::postgres::columns::uuid;
use crate::postgres::row;
use crate::postgres::settle::numbers;
use crate::store::Budget;
use crate::stream::rules::{self, INACTIVE_MAX_MS, duration, millis};
use crate::stream::store::{ConsumerId, MemberId, Pulled, Reserved, Turn, Word};
use crate::stream::{ConsumerConfig, Lifetime, StreamError};

/// Until the end of the transaction. Not a lock on the row, which would be a write, and a pull that finds nothing writes
/// nothing.
const LOCK: &str = "SELECT pg_advisory_xact_lock(hashint8extended($1, 4714))";

const FIND: &str = "SELECT id, filter FROM outbox_stream_consumer WHERE stream = $1 AND name = $2";

const SET: &str = "UPDATE outbox_stream_consumer
        SET ack_wait_ms = $2, deliveries_max = $3, backoff_ms = $4, pending_max = $5 WHERE id = $1";

const CREATE: &str = "INSERT INTO outbox_stream_consumer
       (stream, name, filter, next_seq, ack_wait_ms, deliveries_max, backoff_ms, pending_max, expires_ms)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (stream, name) DO NOTHING RETURNING id";

const LOAD: &str = "SELECT stream, filter, next_seq, ack_wait_ms, deliveries_max, pending_max, expires_ms,
        (SELECT count(*) FROM outbox_stream_pending WHERE consumer = id)
   FROM outbox_stream_consumer WHERE id = $1";

/// What is just being answered is passed over. Without payload and headers from where the bytes are used up.
const DUE: &str = "SELECT seq, 0::smallint, id, topic, key, CASE WHEN fits THEN headers::text END,
        CASE WHEN fits THEN payload END, at_ms, deliveries
   FROM (SELECT due.seq, due.deliveries, m.id, m.topic, m.key, m.headers, m.payload, m.at_ms,
                coalesce(sum(m.weight) OVER (ORDER BY due.seq) - m.weight, 0) <= $5::bigint AS fits
           FROM (SELECT seq, deliveries FROM outbox_stream_pending WHERE consumer = $1 AND due_ms <= $2
                  ORDER BY consumer, seq LIMIT $3 FOR UPDATE SKIP LOCKED) AS due
           LEFT JOIN outbox_stream_message AS m ON m.stream = $4 AND m.seq = due.seq) AS weighed
  ORDER BY seq";

const FORGET: &str = "DELETE FROM outbox_stream_pending WHERE consumer = $1 AND seq = ANY($2)";

const AGAIN: &str = "UPDATE outbox_stream_pending SET handed = false, due_ms = $3, member = $4
      WHERE consumer = $1 AND seq = ANY($2)";

const FRESH: &str = "INSERT INTO outbox_stream_pending (consumer, seq, deliveries, handed, due_ms, member)
     SELECT $1, seq, 0, false, $3, $4 FROM unnest($2::bigint[]) AS seq";

const ADVANCE: &str = "UPDATE outbox_stream_consumer SET next_seq = $2, missed = missed + $3 WHERE id = $1";

const STAY: &str = "UPDATE outbox_stream_consumer SET expires_ms = $2 WHERE id = $1";

const NEXT_DUE: &str = "SELECT min(due_ms) FROM outbox_stream_pending WHERE consumer = $1";

/// One at a time takes for a consumer, and says more about it than what is done.
pub(super) async fn lock(tx: &impl GenericClient, id: ConsumerId) -> Result<(), Error> {
    tx.execute(&tx.prepare_cached(LOCK).await?, &[&id.0]).await.map(drop)
}

/// Creates it, or gives an existing one these settings. The inner error is the caller's.
pub(super) async fn open(
    client: &mut Object,
    stream: StreamId,
    config: &ConsumerConfig,
    now: Option<i64>,
) -> Result<Result<ConsumerId, StreamError>, Error> {
    let tx = client.transaction().await?;
    let filter = config.filter.as_ref().map(Pattern::as_str);
    let backoff: Vec<i64> = config.backoff.iter().copied().map(millis).collect();
    let wait = millis(config.ack_wait);
    let (deliveries, pending) =
        (i64::from(config.deliveries_max.unwrap_or(0)), i64::from(config.pending_max));
    let find = tx.prepare_cached(FIND).await?;
    let mut found = tx.query_opt(&find, &[&stream.0, &config.name]).await?;
    if found.is_none() {
        let next = log::locate(&tx, stream, config.start, config.filter.as_ref()).await?;
        let expires = match config.lifetime {
            Lifetime::Durable => None,
            Lifetime::Ephemeral => Some(now_ms(&tx, now).await? + INACTIVE_MAX_MS),
        };
        let create = tx.prepare_cached(CREATE).await?;
        let row: [&(dyn ToSql + Sync); 9] =
            [&stream.0, &config.name, &filter, &next.0, &wait, &deliveries, &backoff, &pending, &expires];
        if let Some(created) = tx.query_opt(&create, &row).await? {
            tx.commit().await?;
            return Ok(Ok(ConsumerId(created.get(0))));
        }
        // Somebody else has created it in between.
        found = tx.query_opt(&find, &[&stream.0, &config.name]).await?;
    }
    let Some(found) = found else {
        return Ok(Err(StreamError::NoConsumer { name: config.name.clone() }));
    };
    let (id, has): (i64, Option<&str>) = (found.get(0), found.get(1));
    if has != filter {
        let shown = |filter: Option<&str>| filter.unwrap_or("none").to_owned();
        let (has, wanted) = (shown(has), shown(filter));
        return Ok(Err(StreamError::Filter { name: config.name.clone(), has, wanted }));
    }
    let set = tx.prepare_cached(SET).await?;
    tx.execute(&set, &[&id, &wait, &deliveries, &backoff, &pending]).await?;
    tx.commit().await?;
    Ok(Ok(ConsumerId(id)))
}

struct Consumer {
    id: ConsumerId,
    stream: StreamId,
    filter: Option<Pattern>,
    next: i64,
    ack_wait: i64,
    deliveries_max: u32,
    pending_max: i64,
    expires: Option<i64>,
    pending: i64,
}

impl Consumer {
    async fn load(tx: &impl GenericClient, id: ConsumerId) -> Result<Option<Self>, Error> {
        let load = tx.prepare_cached(LOAD).await?;
        let Some(row) = tx.query_opt(&load, &[&id.0]).await? else { return Ok(None) };
        let filter: Option<&str> = row.get(1);
        Ok(Some(Self {
            id,
            stream: StreamId(row.get(0)),
            filter: filter.map(|text| Pattern::new(text).expect("it was a pattern when it was written")),
            next: row.get(2),
            ack_wait: row.get(3),
            deliveries_max: count(row.get(4)),
            pending_max: row.get(5),
            expires: row.get(6),
            pending: row.get(7),
        }))
    }
}

/// What is due, then what is new, as far as there is room for pending ones.
pub(super) async fn pull(
    client: &mut Object,
    id: ConsumerId,
    member: MemberId,
    word: &Word,
    budget: Budget,
    now: Option<i64>,
) -> Result<Option<Pulled>, Error> {
    let tx = client.transaction().await?;
    lock(&tx, id).await?;
    let Some(mut consumer) = Consumer::load(&tx, id).await? else { return Ok(None) };
    let now = now_ms(&tx, now).await?;
    answer::hear(&tx, id, member, word, now.saturating_add(consumer.ack_wait)).await?;
    let mut pulled = Pulled::default();
    let lost = again(&tx, &mut consumer, member, budget, now, &mut pulled).await?;
    let bytes: usize = pulled.messages.iter().map(|message| message.record.message.weight()).sum();
    let room = usize::try_from(consumer.pending_max - consumer.pending).unwrap_or(0);
    // Those that were just taken again count among the pending ones.
    let room = room.min(budget.rows.saturating_sub(pulled.messages.len()));
    let mut next = consumer.next;
    if room > 0 && !pulled.more {
        let budget = Budget { rows: room, bytes: budget.bytes.saturating_sub(bytes) };
        let scanned = log::scan(&tx, consumer.stream, next, consumer.filter.as_ref(), budget).await?;
        next = scanned.next;
        fresh(&tx, &consumer, member, now, scanned, &mut pulled).await?;
    }
    // What was lost is told with the first message of this pull.
    let gap = std::mem::take(&mut pulled.gap) + lost;
    match pulled.messages.first_mut() {
        Some(first) => first.record.gap = gap,
        None => pulled.gap = gap,
    }
    advance(&tx, &consumer, next, gap, now).await?;
    pulled.due_in = due_in(&tx, id, now).await?;
    tx.commit().await?;
    Ok(Some(pulled))
}

/// Reserves anew what is due. Returns how many of those retention has taken.
async fn again(
    tx: &impl GenericClient,
    consumer: &mut Consumer,
    member: MemberId,
    budget: Budget,
    now: i64,
    pulled: &mut Pulled,
) -> Result<u64, Error> {
    let due = tx.prepare_cached(DUE).await?;
    let (limit, bytes_max) = (row::number(budget.rows), row::number(budget.bytes));
    let due = tx.query(&due, &[&consumer.id.0, &now, &limit, &consumer.stream.0, &bytes_max]).await?;
    pulled.more = due.len() == budget.rows;
    let (mut lost, mut buried, mut bytes) = (Vec::new(), 0, 0);
    for row in &due {
        let (seq, deliveries): (i64, u32) = (row.get(0), count(row.get(8)));
        if is_gone(row) {
            lost.push(Seq(seq));
            continue;
        }
        if rules::is_spent(deliveries, consumer.deliveries_max) {
            let reason = rules::unanswered(deliveries, consumer.ack_wait);
            answer::bury(tx, consumer.id, Seq(seq), &reason, now).await?;
            buried += 1;
            continue;
        }
        let record = log::record(row)?.filter(|record| {
            bytes += record.message.weight();
            bytes <= budget.bytes || pulled.messages.is_empty()
        });
        let Some(record) = record else {
            pulled.more = true;
            break;
        };
        pulled.messages.push(Reserved { record, deliveries, turn: Turn::Later });
    }
    consumer.pending -= row::number(lost.len()) + buried;
    if !lost.is_empty() {
        tx.execute(&tx.prepare_cached(FORGET).await?, &[&consumer.id.0, &numbers(&lost)]).await?;
    }
    take(tx, AGAIN, consumer, member, now, &pulled.messages).await?;
    Ok(u64::try_from(lost.len()).unwrap_or(0))
}

/// Without a message: retention has taken it.
fn is_gone(row: &Row) -> bool {
    row.get::<_, Option<i64>>(7).is_none()
}

async fn fresh(
    tx: &impl GenericClient,
    consumer: &Consumer,
    member: MemberId,
    now: i64,
    scanned: Scanned,
    pulled: &mut Pulled,
) -> Result<(), Error> {
    let new = |record| Reserved { record, deliveries: 0, turn: Turn::First };
    let new: Vec<_> = scanned.records.into_iter().map(new).collect();
    take(tx, FRESH, consumer, member, now, &new).await?;
    pulled.messages.extend(new);
    pulled.gap += scanned.gap;
    pulled.more |= scanned.more;
    Ok(())
}

/// Notes that this member has these messages, until the ack wait is over.
async fn take(
    tx: &impl GenericClient,
    statement: &str,
    consumer: &Consumer,
    member: MemberId,
    now: i64,
    taken: &[Reserved],
) -> Result<(), Error> {
    if taken.is_empty() {
        return Ok(());
    }
    let seqs: Vec<i64> = taken.iter().map(|message| message.record.message.seq.0).collect();
    let due = now.saturating_add(consumer.ack_wait);
    let statement = tx.prepare_cached(statement).await?;
    tx.execute(&statement, &[&consumer.id.0, &seqs, &due, &uuid(member)]).await.map(drop)
}

/// Writes only what has changed: a pull that finds nothing costs no commit.
async fn advance(
    tx: &impl GenericClient,
    consumer: &Consumer,
    next: i64,
    gap: u64,
    now: i64,
) -> Result<(), Error> {
    if next != consumer.next || gap > 0 {
        let gap = i64::try_from(gap).unwrap_or(i64::MAX);
        tx.execute(&tx.prepare_cached(ADVANCE).await?, &[&consumer.id.0, &next, &gap]).await?;
    }
    if consumer.expires.is_some_and(|expires| expires - now < INACTIVE_MAX_MS / 2) {
        let expires = now + INACTIVE_MAX_MS;
        tx.execute(&tx.prepare_cached(STAY).await?, &[&consumer.id.0, &expires]).await?;
    }
    Ok(())
}

async fn due_in(tx: &impl GenericClient, id: ConsumerId, now: i64) -> Result<Option<Duration>, Error> {
    let row = tx.query_one(&tx.prepare_cached(NEXT_DUE).await?, &[&id.0]).await?;
    Ok(row.get::<_, Option<i64>>(0).map(|due| duration(due - now)))
}

pub(super) async fn delete_named(client: &mut Object, stream: StreamId, name: &str) -> Result<bool, Error> {
    match find(&*client, stream, name).await? {
        Some(id) => delete(client, id).await,
        None => Ok(false),
    }
}

pub(super) async fn find(
    client: &impl GenericClient,
    stream: StreamId,
    name: &str,
) -> Result<Option<ConsumerId>, Error> {
    let find = client.prepare_cached(FIND).await?;
    Ok(client.query_opt(&find, &[&stream.0, &name]).await?.map(|found| ConsumerId(found.get(0))))
}

/// `false`: it was gone already.
pub(super) async fn delete(client: &mut Object, id: ConsumerId) -> Result<bool, Error> {
    let tx = client.transaction().await?;
    lock(&tx, id).await?;
    tx.execute("DELETE FROM outbox_stream_pending WHERE consumer = $1", &[&id.0]).await?;
    let deleted = tx.execute("DELETE FROM outbox_stream_consumer WHERE id = $1", &[&id.0]).await?;
    tx.commit().await?;
    Ok(deleted == 1)
}

pub(super) fn count(deliveries: i64) -> u32 {
    u32::try_from(deliveries).unwrap_or(u32::MAX)
}
