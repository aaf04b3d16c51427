//! What the relay reads: ready rows behind its cursors, late ones below them, those of one key.

use bytes::Bytes;
use deadpool_postgres::GenericClient;
use tokio::time::Instant;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Error, Row, SimpleQueryMessage};

use super::sweep::Bounds;
use crate::message::{Envelope, Ident, MessageId, Seq};
use crate::store::{Budget, Fetched, Lane, Look};

/// The last number given out, and which transactions had ended. Read before a sweep: see `sweep.rs`.
const NOW: &str = "SELECT last_value, pg_current_snapshot()::text FROM outbox_seq_seq";

/// Rows of `$found`, in its order; without payload and headers from where the bytes are used up, so that no more than the
/// budget and one row is sent. One row more than the budget tells that there are more.
///
/// The inner LIMIT stops the scan: rows come from a nested loop, lane by lane, and nothing sorts them.
macro_rules! within_budget {
    ($rows:literal, $bytes:literal, $found:expr) => {
        within_budget!($rows, $bytes, "true", $found)
    };
    ($rows:literal, $bytes:literal, $part:literal, $found:expr) => {
        concat!(
            "SELECT seq, lane, id, topic, key, CASE WHEN fits THEN headers END, CASE WHEN fits THEN payload END
               FROM (SELECT *, sum(weight) OVER (ROWS UNBOUNDED PRECEDING) - weight <= ",
            $bytes,
            " AND ",
            $part,
            " AS fits
                       FROM (SELECT found.*, headers_json::text AS headers,
                                    octet_length(headers_json::text) + octet_length(payload) AS weight
                               FROM (",
            $found,
            ") AS found LIMIT ",
            $rows,
            ") AS weighed) AS counted"
        )
    };
}

/// The columns that a row is made of.
///
/// Behind it stand pairs, `(lane, seq)` between two pairs and in that order: only the partial index has it. With `lane = …`
/// the planner may prefer the primary key, and pass over the rows of all other lanes.
macro_rules! columns {
    () => {
        "SELECT seq, lane, id, topic, key, headers AS headers_json, payload FROM outbox"
    };
}

/// Lanes, the cursor of each, and how far each may go; then how many rows of a lane. One more than those comes without its
/// payload, and tells that there are more.
macro_rules! forward {
    ($and:literal) => {
        within_budget!(
            "ALL",
            "$5",
            "place <= $4::bigint",
            concat!(
                "SELECT ready.* FROM unnest($1::smallint[], $2::bigint[], $3::bigint[]) AS look (lane, after, upto)
                 CROSS JOIN LATERAL (SELECT *, row_number() OVER (ORDER BY lane, seq) AS place FROM (",
                columns!(),
                " WHERE state = 0 AND (lane, seq) > (look.lane, look.after) AND (lane, seq) <= (look.lane, look.upto)",
                $and,
                " ORDER BY lane, seq LIMIT $4::bigint + 1) AS part) AS ready"
            )
        )
    };
}

const FORWARD: &str = forward!("");

/// Only what had been committed by then. The subquery reads the snapshot's text once, not for each row.
const FORWARD_OF: &str = forward!(" AND pg_visible_in_snapshot(xact, (SELECT $6::text::pg_snapshot))");

/// Lanes, the cursor of each, what is in memory, and the keys that are asked for one by one. NOT IN and a subquery, which
/// is hashed; `<> ALL` is not when the plan is generic.
const LATE: &str = within_budget!(
    "$5",
    "$6",
    concat!(
        "SELECT late.* FROM unnest($1::smallint[], $2::bigint[]) AS look (lane, after) CROSS JOIN LATERAL (",
        columns!(),
        " WHERE state = 0 AND (lane, seq) > (look.lane, 0) AND (lane, seq) <= (look.lane, look.after)
            AND seq NOT IN (SELECT unnest($3::bigint[]))
            AND (key IS NULL OR key NOT IN (SELECT unnest($4::text[])))
          ORDER BY lane, seq LIMIT $5) AS late"
    )
);

const HELD_KEY: &str = within_budget!(
    "$3",
    "$4",
    concat!(
        columns!(),
        " WHERE state = 1 AND (key, seq) > ($1, $2) AND (key, seq) <= ($1, 9223372036854775807)
          ORDER BY key, seq LIMIT $3"
    )
);

const HELD_ROW: &str =
    within_budget!("$3", "$4", concat!(columns!(), " WHERE seq = $1 AND state = 1 AND seq > $2 LIMIT $3"));

const SPILLED: &str = within_budget!(
    "$5",
    "$6",
    concat!(
        columns!(),
        " WHERE state = 0 AND key = $2 AND (lane, seq) > ($1, $3) AND (lane, seq) <= ($1, $4)
          ORDER BY lane, seq LIMIT $5"
    )
);

/// A sweep whose rows were all brought.
pub(super) struct Swept {
    /// The last number given out before the sweep.
    pub(super) last: Seq,
    /// Which transactions had ended before it, as PostgreSQL writes a snapshot.
    pub(super) snapshot: String,
    /// When the sweep's answer was there, and how long the server had worked on it.
    pub(super) at: Instant,
    pub(super) cost: std::time::Duration,
}

/// Rows behind the cursors, within the bounds; and the last number given out when they had been read.
pub(super) async fn forward(
    client: &impl GenericClient,
    look: &Look,
    bounds: &Bounds,
    budget: Budget,
) -> Result<(Fetched, Seq), Error> {
    let (forward, now) = (client.prepare_cached(FORWARD_OF).await?, client.prepare_cached(NOW).await?);
    let (lanes, after) = cursors(look);
    let part = part(look, budget);
    let (of_lane, bytes) = (number(part), number(budget.bytes));
    let ahead: [&(dyn ToSql + Sync); 6] = [&lanes, &after, &bounds.upto, &of_lane, &bytes, &bounds.snapshot];
    // `try_join` polls in this order, and the first poll sends.
    let (rows, now) = futures::try_join!(client.query(&forward, &ahead), client.query_one(&now, &[]))?;
    let mut taken = Taken::new(budget);
    taken.take(&rows, part)?;
    Ok((taken.fetched(), Seq(now.get(0))))
}

/// Rows behind the cursors, and those that have become visible below them.
///
/// The three statements travel together. They are answered one after the other, so the sweep sees everything that the look
/// ahead has seen: no row comes without the earlier ones of its key.
pub(super) async fn sweep(
    client: &impl GenericClient,
    look: &Look,
    budget: Budget,
) -> Result<(Fetched, Option<Swept>), Error> {
    let now = client.prepare_cached(NOW).await?;
    let (forward, late) = (client.prepare_cached(FORWARD).await?, client.prepare_cached(LATE).await?);
    let (lanes, after) = cursors(look);
    let upto = vec![i64::MAX; lanes.len()];
    let in_memory: Vec<i64> = look.in_memory.iter().map(|seq| seq.0).collect();
    let spilled: Vec<&str> = look.spilled.iter().map(AsRef::as_ref).collect();
    let part = part(look, budget);
    let (of_lane, limit, bytes) = (number(part), limit(budget), number(budget.bytes));
    let ahead: [&(dyn ToSql + Sync); 5] = [&lanes, &after, &upto, &of_lane, &bytes];
    let below: [&(dyn ToSql + Sync); 6] = [&lanes, &after, &in_memory, &spilled, &limit, &bytes];
    // `try_join` polls in this order, and the first poll sends.
    let (now, (forward, ahead_at), (late, at)) = futures::try_join!(
        client.query_one(&now, &[]),
        timed(client.query(&forward, &ahead)),
        timed(client.query(&late, &below)),
    )?;

    let mut taken = Taken::new(budget);
    taken.take(&late, usize::MAX)?;
    if taken.is_full {
        // Not all that is late: whatever is ahead may belong behind it.
        let lanes = look.cursors.iter().map(|cursor| cursor.lease.lane);
        return Ok((Fetched { rows: taken.rows, more: lanes.collect() }, None));
    }
    taken.take(&forward, part)?;
    let cost = at.saturating_duration_since(ahead_at);
    Ok((taken.fetched(), Some(Swept { last: Seq(now.get(0)), snapshot: now.get(1), at, cost })))
}

async fn timed<T>(query: impl Future<Output = Result<T, Error>>) -> Result<(T, Instant), Error> {
    let answer = query.await?;
    Ok((answer, Instant::now()))
}

pub(super) async fn held(
    client: &impl GenericClient,
    ident: &Ident,
    after: Seq,
    budget: Budget,
) -> Result<Fetched, Error> {
    let (limit, bytes) = (limit(budget), number(budget.bytes));
    let rows = match ident {
        Ident::Key(key) => {
            let statement = client.prepare_cached(HELD_KEY).await?;
            client.query(&statement, &[&key.as_ref(), &after.0, &limit, &bytes]).await?
        }
        Ident::Row(seq) => {
            let statement = client.prepare_cached(HELD_ROW).await?;
            client.query(&statement, &[&seq.0, &after.0, &limit, &bytes]).await?
        }
    };
    whole(&rows, budget)
}

pub(super) async fn spilled(
    client: &impl GenericClient,
    lane: Lane,
    key: &str,
    range: (Seq, Seq),
    budget: Budget,
) -> Result<Fetched, Error> {
    let statement = client.prepare_cached(SPILLED).await?;
    let (after, upto) = range;
    let (limit, bytes) = (limit(budget), number(budget.bytes));
    let rows = client.query(&statement, &[&small(lane), &key, &after.0, &upto.0, &limit, &bytes]).await?;
    whole(&rows, budget)
}

pub(super) async fn explain(client: &tokio_postgres::Client) -> Result<String, Error> {
    let looks = [
        (FORWARD, "(ARRAY[0, 1]::smallint[], ARRAY[0, 0], ARRAY[9, 9], 500, 1000)"),
        (FORWARD_OF, "(ARRAY[0, 1]::smallint[], ARRAY[0, 0], ARRAY[9, 9], 500, 1000, '9:9:')"),
        (LATE, "(ARRAY[0, 1]::smallint[], ARRAY[9, 9], ARRAY[1], ARRAY['k'], 500, 1000)"),
        (SPILLED, "(0, 'k', 0, 9, 500, 1000)"),
        (HELD_KEY, "('k', 0, 500, 1000)"),
    ];
    let mut plan = String::new();
    for (statement, parameters) in looks {
        client.batch_execute(&format!("PREPARE explained AS {statement}")).await?;
        let rows = client.simple_query(&format!("EXPLAIN (COSTS OFF) EXECUTE explained {parameters}")).await;
        client.batch_execute("DEALLOCATE explained").await?;
        for row in rows? {
            if let SimpleQueryMessage::Row(row) = row {
                plan += row.get(0).unwrap_or_default();
                plan.push('\n');
            }
        }
    }
    Ok(plan)
}

fn whole(rows: &[Row], budget: Budget) -> Result<Fetched, Error> {
    let mut taken = Taken::new(budget);
    taken.take(rows, usize::MAX)?;
    Ok(taken.fetched())
}

fn cursors(look: &Look) -> (Vec<i16>, Vec<i64>) {
    look.cursors.iter().map(|cursor| (small(cursor.lease.lane), cursor.after.0)).unzip()
}

/// As the column has it: there are 64 lanes.
pub(super) fn small(lane: Lane) -> i16 {
    i16::try_from(lane.0).unwrap_or(i16::MAX)
}

/// An equal part for each lane, so that the backlog of one does not fill the window.
fn part(look: &Look, budget: Budget) -> usize {
    budget.rows.div_ceil(look.cursors.len().max(1)).max(1)
}

/// One more than allowed, to know whether there are more.
fn limit(budget: Budget) -> i64 {
    number(budget.rows).saturating_add(1)
}

pub(super) fn number(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX - 1)
}

/// Rows within the budget, lane by lane.
struct Taken {
    budget: Budget,
    bytes: usize,
    rows: Vec<Envelope>,
    /// The budget is used up.
    is_full: bool,
    /// Lanes of rows that were left.
    more: Vec<Lane>,
}

impl Taken {
    fn new(budget: Budget) -> Self {
        Self { budget, bytes: 0, rows: vec![], is_full: false, more: vec![] }
    }

    /// At most `part` rows of each lane.
    fn take(&mut self, rows: &[Row], part: usize) -> Result<(), Error> {
        for rows in rows.chunk_by(|a, b| a.get::<_, i16>(1) == b.get::<_, i16>(1)) {
            for (place, row) in rows.iter().enumerate() {
                self.is_full |= self.rows.len() == self.budget.rows;
                let is_wanted = !self.is_full && place < part;
                let envelope = if is_wanted { envelope(row)? } else { None };
                let Some(envelope) = envelope.filter(|envelope| self.has_room_for(envelope)) else {
                    self.is_full |= is_wanted;
                    self.more.push(lane(row)?);
                    break;
                };
                self.bytes += envelope.weight();
                self.rows.push(envelope);
            }
        }
        Ok(())
    }

    fn fetched(self) -> Fetched {
        Fetched { rows: self.rows, more: self.more }
    }

    fn has_room_for(&self, envelope: &Envelope) -> bool {
        let is_first = self.rows.is_empty() && self.budget.oversized_first;
        is_first || self.bytes + envelope.weight() <= self.budget.bytes
    }
}

/// `None` for a row that came without its payload.
pub(super) fn envelope(row: &Row) -> Result<Option<Envelope>, Error> {
    let (Some(headers_json), Some(payload)) = (row.try_get(5)?, row.try_get::<_, Option<&[u8]>>(6)?) else {
        return Ok(None);
    };
    Ok(Some(Envelope {
        seq: Seq(row.try_get(0)?),
        lane: lane(row)?,
        id: MessageId::from(row.try_get::<_, uuid::Uuid>(2)?),
        topic: row.try_get(3)?,
        key: row.try_get::<_, Option<&str>>(4)?.map(Into::into),
        headers_json,
        payload: Bytes::copy_from_slice(payload),
    }))
}

fn lane(row: &Row) -> Result<Lane, Error> {
    let lane: i16 = row.try_get(1)?;
    Ok(Lane(u16::try_from(lane).unwrap_or(0)))
}
