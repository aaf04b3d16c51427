//! Keys in trouble whose time has come, with their first held rows.

use std::time::Duration;

use deadpool_postgres::GenericClient;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Error, Row};

use super::row::{broken, columns, envelope, lane, number, small};
use super::settle::names;
use super::status::unsigned;
use crate::message::{Envelope, Ident, MessageId, RowId, Seq};
use crate::store::{Budget, Due, DueKey, DueLook, Held, Hold, Lane};

/// Keys of a lane in a part of its time.
macro_rules! keys {
    ($when:literal) => {
        concat!(
            "(SELECT kind, name, lane AS due_lane, head_seq, head_id, attempts, retry_at FROM outbox_trouble
               WHERE lane = look.due AND ",
            $when,
            " AND (kind, name) NOT IN (SELECT * FROM unnest($2::smallint[], $3::text[]))
               ORDER BY lane, retry_at LIMIT $4)"
        )
    };
}

/// Each key's first rows, the longest due key first; a key without any has one row of nothing. What waits longer than anything
/// may was written by a clock that was ahead. `now()` is when the statement began, and can be an index condition.
///
/// Lanes; kinds and names to leave out; how many keys of a lane, and in all; the longest wait in ms; how many rows of a key; how
/// many bytes.
pub(super) const DUE: &str = concat!(
    "SELECT seq, lane, id, topic, key, CASE WHEN fits THEN headers END, CASE WHEN fits THEN payload END,
            kind, name, due_lane, head_seq, head_id, attempts
       FROM (SELECT *, sum(weight) OVER (ROWS UNBOUNDED PRECEDING) - weight <= $8 AS fits
               FROM (SELECT due.*, held.*, headers_json::text AS headers,
                            coalesce(octet_length(headers_json::text) + octet_length(payload), 0) AS weight
                       FROM (SELECT of_lane.* FROM unnest($1::smallint[]) AS look (due) CROSS JOIN LATERAL (",
    keys!("retry_at <= now()"),
    " UNION ALL ",
    keys!("retry_at > now() + $6::float8 * interval '1 millisecond'"),
    ") AS of_lane ORDER BY retry_at LIMIT $5) AS due
                       LEFT JOIN LATERAL ((",
    columns!(),
    " WHERE due.kind = 0 AND state = 1 AND (key, seq) > (due.name, -9223372036854775808)
        AND (key, seq) <= (due.name, 9223372036854775807) ORDER BY key, seq LIMIT $7)
      UNION ALL (",
    columns!(),
    // Not `state = 1`: the planner would take the index of all that is held.
    " WHERE due.kind = 1 AND state + 0 = 1 AND seq = due.head_seq AND id = due.head_id)",
    ") AS held ON true) AS weighed) AS counted"
);

/// When the next key is due, in ms. `NULL`: all others are parked.
///
/// Asked before the other: the time of each is its own, and a key whose time comes between the two must be in one of them.
const NEXT: &str = "SELECT extract(epoch FROM min(next.retry_at) - now())::float8 * 1000
      FROM unnest($1::smallint[]) AS look (due) CROSS JOIN LATERAL (
        SELECT retry_at FROM outbox_trouble WHERE lane = look.due AND retry_at > now()
         ORDER BY lane, retry_at LIMIT 1) AS next";

/// A lane may have more of what is due than an equal part, so that one with few keys does not make the others wait for turns.
const PARTS: usize = 4;

pub(super) async fn due(client: &impl GenericClient, look: &DueLook, budget: Budget) -> Result<Due, Error> {
    let (statement, next) = (client.prepare_cached(DUE).await?, client.prepare_cached(NEXT).await?);
    let lanes: Vec<i16> = look.lanes.iter().copied().map(small).collect();
    let (kinds, except) = names(&look.except);
    let part = (PARTS * budget.rows.div_ceil(lanes.len().max(1))).min(budget.rows);
    let wait_ms = look.wait_max.as_secs_f64() * 1_000.0;
    let (part_max, keys_max) = (number(part), number(budget.rows));
    let (each, bytes) = (number(look.rows_each), number(budget.bytes));
    let what: [&(dyn ToSql + Sync); 8] =
        [&lanes, &kinds, &except, &part_max, &keys_max, &wait_ms, &each, &bytes];
    let when: [&(dyn ToSql + Sync); 1] = [&lanes];
    // `try_join` polls in this order, and the first poll sends.
    let (next, rows) = futures::try_join!(client.query_one(&next, &when), client.query(&statement, &what))?;
    let next: Option<f64> = next.get(0);
    let next =
        next.map(|ms| Duration::try_from_secs_f64(ms / 1_000.0).unwrap_or_default().min(look.wait_max));
    let mut due = Due { next, ..Due::default() };
    let (mut left, mut keys) = (budget, 0);
    for of_key in rows.chunk_by(|a, b| (a.get::<_, i16>(7), a.get::<_, &str>(8)) == (b.get(7), b.get(8))) {
        keys += 1;
        let held = held(&of_key[0]);
        if left.rows == 0 || left.bytes == 0 {
            due.is_more = true;
            break;
        }
        let Some(rows) = take(of_key, held.lane, &mut left, &mut due)? else {
            due.is_more = true;
            break;
        };
        due.keys.push(DueKey { held, rows });
    }
    // Some lane may have more than its part.
    due.is_more |= keys >= part;
    Ok(due)
}

/// As many of the key's rows as fit. `None`: there are some, and the first does not. One that comes first of all fits anyhow.
fn take(found: &[Row], lane: Lane, left: &mut Budget, due: &mut Due) -> Result<Option<Vec<Envelope>>, Error> {
    let mut rows: Vec<Envelope> = Vec::new();
    for row in found {
        let Some(seq) = row.try_get::<_, Option<i64>>(0)? else { break };
        let is_first = rows.is_empty() && due.keys.is_empty();
        match envelope(row) {
            Ok(Some(envelope)) if left.rows > 0 && (is_first || envelope.weight() <= left.bytes) => {
                left.rows -= 1;
                left.bytes = left.bytes.saturating_sub(envelope.weight());
                rows.push(envelope);
            }
            Ok(_) => return Ok((!rows.is_empty()).then_some(rows)),
            Err(error) => {
                let id = RowId { seq: Seq(seq), id: MessageId::from(row.try_get::<_, uuid::Uuid>(2)?) };
                due.broken.push(broken(lane, id, &error));
            }
        }
    }
    Ok(Some(rows))
}

fn held(row: &Row) -> Held {
    let (kind, name, head): (i16, &str, i64) = (row.get(7), row.get(8), row.get(10));
    Held {
        lane: lane(row.get(9)),
        ident: if kind == 0 { Ident::Key(name.into()) } else { Ident::Row(Seq(head)) },
        head: RowId { seq: Seq(head), id: MessageId::from(row.get::<_, uuid::Uuid>(11)) },
        attempts: unsigned(row.get::<_, i32>(12)),
        hold: Hold::RetryIn(Duration::ZERO),
    }
}
