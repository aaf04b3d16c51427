//! Creates streams, shows what there is, and takes away what is over.

use deadpool_postgres::{GenericClient, Object};
use tokio_postgres::{Error, Row};

use super::clock::now_ms;
use super::{StreamId, consumer};
use crate::message::Seq;
use crate::stream::StreamConfig;
use crate::stream::rules::{TIDY_ROWS, duration, millis};
use crate::stream::store::{ConsumerId, ConsumerInfo, StreamInfo};

/// What a [`StreamInfo`] is made of.
macro_rules! streams {
    ($which:literal) => {
        concat!(
            "SELECT id, name, first_seq, last_seq, bytes, age_max_ms, count_max, bytes_max, dedup_ms, dedup_count,
                    (SELECT count(*) FROM outbox_stream_consumer AS c WHERE c.stream = s.id),
                    (SELECT count(*) FROM outbox_stream_dead AS d WHERE d.stream = s.id)
               FROM outbox_stream AS s ",
            $which
        )
    };
}

const FIND: &str = streams!("WHERE name = $1");
const LIST: &str = streams!("ORDER BY name");

const CREATE: &str =
    "INSERT INTO outbox_stream (name, age_max_ms, count_max, bytes_max, dedup_ms, dedup_count)
     VALUES ($1, $2, $3, $4, $5, $6)
     ON CONFLICT (name) DO UPDATE SET age_max_ms = $2, count_max = $3, bytes_max = $4, dedup_ms = $5, dedup_count = $6";

const CONSUMERS: &str =
    "SELECT c.name, coalesce(min(p.seq), c.next_seq) - 1, count(p.seq), s.last_seq + 1 - c.next_seq, c.missed
       FROM outbox_stream_consumer AS c
       JOIN outbox_stream AS s ON s.id = c.stream
       LEFT JOIN outbox_stream_pending AS p ON p.consumer = c.id
      WHERE c.stream = $1 GROUP BY c.id, s.id ORDER BY c.name";

const EXPIRED: &str = "SELECT id FROM outbox_stream_consumer WHERE expires_ms <= $1";

const CUT: &str = "SELECT outbox_stream_cut(id, $2, $3) FROM outbox_stream WHERE id = $1";

const DELETE_LETTERS: &str = "DELETE FROM outbox_stream_dead WHERE number IN
       (SELECT number FROM outbox_stream_dead WHERE stream = $1 ORDER BY stream, number LIMIT $2)";

/// If nothing is left that belongs to it.
const DELETE: &str = "DELETE FROM outbox_stream WHERE id = $1 AND first_seq > last_seq
        AND NOT EXISTS (SELECT FROM outbox_stream_consumer WHERE stream = $1)";

const TRIM: &str = "SELECT outbox_stream_trim(id, $2, $3) FROM outbox_stream WHERE id = $1";

pub(super) async fn create(client: &mut Object, config: &StreamConfig) -> Result<StreamInfo, Error> {
    let tx = client.transaction().await?;
    let age_max = config.age_max.map(millis);
    let (count_max, bytes_max) = (config.count_max.map(signed), config.bytes_max.map(signed));
    let dedup = (millis(config.dedup_window), signed(config.dedup_count));
    let create = tx.prepare_cached(CREATE).await?;
    tx.execute(&create, &[&config.name, &age_max, &count_max, &bytes_max, &dedup.0, &dedup.1]).await?;
    let info = find(&tx, &config.name).await?;
    tx.commit().await?;
    Ok(info.expect("it was just written"))
}

pub(super) async fn find(client: &impl GenericClient, name: &str) -> Result<Option<StreamInfo>, Error> {
    let find = client.prepare_cached(FIND).await?;
    Ok(client.query_opt(&find, &[&name]).await?.as_ref().map(stream_info))
}

pub(super) async fn list(client: &Object) -> Result<Vec<StreamInfo>, Error> {
    Ok(client.query(LIST, &[]).await?.iter().map(stream_info).collect())
}

fn stream_info(row: &Row) -> StreamInfo {
    let bound = |column: usize| row.get::<_, Option<i64>>(column).map(unsigned);
    StreamInfo {
        id: StreamId(row.get(0)),
        config: StreamConfig {
            name: row.get(1),
            age_max: row.get::<_, Option<i64>>(5).map(duration),
            count_max: bound(6),
            bytes_max: bound(7),
            dedup_window: duration(row.get(8)),
            dedup_count: unsigned(row.get(9)),
        },
        first: Seq(row.get(2)),
        last: Seq(row.get(3)),
        bytes: unsigned(row.get(4)),
        consumers: unsigned(row.get(10)),
        dead: unsigned(row.get(11)),
    }
}

pub(super) async fn consumers(client: &Object, stream: StreamId) -> Result<Vec<ConsumerInfo>, Error> {
    let rows = client.query(CONSUMERS, &[&stream.0]).await?;
    let consumer = |row: &Row| ConsumerInfo {
        name: row.get(0),
        ack_floor: Seq(row.get(1)),
        pending: unsigned(row.get(2)),
        waiting: unsigned(row.get(3)),
        missed: unsigned(row.get(4)),
    };
    Ok(rows.iter().map(consumer).collect())
}

pub(super) async fn cut(client: &mut Object, stream: StreamId, below: Seq) -> Result<u64, Error> {
    let tx = client.transaction().await?;
    tx.execute(super::log::LOCK, &[&stream.0]).await?;
    let cut = tx.query_opt(CUT, &[&stream.0, &below.0, &i64::from(TIDY_ROWS)]).await?;
    tx.commit().await?;
    Ok(cut.map_or(0, |row| unsigned(row.get(0))))
}

/// Takes away a part of it; of what belongs to it the stream itself is the last. `true`: there is more.
pub(super) async fn delete(client: &mut Object, stream: StreamId) -> Result<bool, Error> {
    let of_stream = "SELECT id FROM outbox_stream_consumer WHERE stream = $1 LIMIT 1";
    if let Some(row) = client.query_opt(of_stream, &[&stream.0]).await? {
        return consumer::delete(client, ConsumerId(row.get(0))).await.map(|_| true);
    }
    if cut(client, stream, Seq(i64::MAX)).await? > 0 {
        return Ok(true);
    }
    if client.execute(DELETE_LETTERS, &[&stream.0, &i64::from(TIDY_ROWS)]).await? > 0 {
        return Ok(true);
    }
    let tx = client.transaction().await?;
    // Whoever appends has the lock, and has left something behind.
    tx.execute(super::log::LOCK, &[&stream.0]).await?;
    tx.execute(DELETE, &[&stream.0]).await?;
    let left = tx.query_one("SELECT EXISTS (SELECT FROM outbox_stream WHERE id = $1)", &[&stream.0]).await?;
    tx.commit().await?;
    Ok(left.get(0))
}

/// A step over all streams, and over the ephemeral consumers that nobody has pulled for.
pub(super) async fn tidy(client: &mut Object, now: Option<i64>) -> Result<bool, Error> {
    let now = now_ms(&*client, now).await?;
    for expired in client.query(EXPIRED, &[&now]).await? {
        consumer::delete(client, ConsumerId(expired.get(0))).await?;
    }
    let streams = client.query("SELECT id FROM outbox_stream ORDER BY id", &[]).await?;
    for stream in streams {
        let id: i64 = stream.get(0);
        let tx = client.transaction().await?;
        tx.execute(super::log::LOCK, &[&id]).await?;
        let is_cut = tx.query_opt(TRIM, &[&id, &now, &i64::from(TIDY_ROWS)]).await?;
        tx.commit().await?;
        if is_cut.is_some_and(|row| row.get(0)) {
            return Ok(true);
        }
    }
    Ok(false)
}

fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn unsigned(count: i64) -> u64 {
    u64::try_from(count).unwrap_or(0)
}
