//! What one flush writes.

use deadpool_postgres::{Object, Transaction};
use tokio_postgres::Error;

use super::commands;
use super::fetch::small;
use super::lanes::columns;
use crate::failpoint::{self, Point};
use crate::message::{Ident, Seq};
use crate::store::{Change, Changes, Held, Hold, Lane, Lease, Settled};

/// A sink's words are kept, not its whole answer.
const ERROR_BYTES_MAX: usize = 8 * 1024;

pub(super) const DELETE: &str = "DELETE FROM outbox WHERE seq = ANY($1)";

/// Those of the leases that hold, until the end of the transaction: whoever wants to take such a lane passes it over.
const HOLDING: &str = "SELECT outbox_lane.lane FROM outbox_lane
    JOIN unnest($1::smallint[], $2::bigint[]) AS lease (lane, epoch)
      ON outbox_lane.lane = lease.lane AND outbox_lane.epoch = lease.epoch
   ORDER BY outbox_lane.lane FOR SHARE OF outbox_lane";

const REMEMBER: &str = "INSERT INTO outbox_trouble (kind, name, lane, head_seq, attempts, retry_at, error)
     VALUES ($1, $2, $3, $4, $5, clock_timestamp() + $6 * interval '1 millisecond', $7)
     ON CONFLICT (kind, name) DO UPDATE SET head_seq = excluded.head_seq, attempts = excluded.attempts,
       retry_at = excluded.retry_at, error = excluded.error";

const SET_HELD: &str = "UPDATE outbox SET state = 1 WHERE state = 0 AND seq = ANY($1)";

const FORGET: &str = "DELETE FROM outbox_trouble WHERE kind = $1 AND name = $2";

const BURY: &str = "WITH buried AS (DELETE FROM outbox WHERE seq = $1 RETURNING *)
    INSERT INTO outbox_dead (seq, id, topic, key, headers, payload, created_at, attempts, error)
    SELECT seq, id, topic, key, headers, payload, created_at, $2, $3 FROM buried
    ON CONFLICT DO NOTHING";

/// Either state has an index of its own.
const DISCARD_HELD: &str = "DELETE FROM outbox WHERE state = 1 AND key = $1 AND seq <= $2";
const DISCARD_READY: &str = "DELETE FROM outbox WHERE lane = $3 AND state = 0 AND key = $1 AND seq <= $2";

const START: &str = "INSERT INTO outbox_started (seq, starts) VALUES ($1, $2)
    ON CONFLICT (seq) DO UPDATE SET starts = excluded.starts";

/// Rows that are gone are forgotten with it.
const OUTCOME: &str = "DELETE FROM outbox_started
    WHERE seq = $1 OR NOT EXISTS (SELECT FROM outbox WHERE outbox.seq = outbox_started.seq)";

pub(super) async fn settle(client: &mut Object, changes: &Changes) -> Result<Settled, Error> {
    if changes.fenced.is_empty() {
        let delete = client.prepare_cached(DELETE).await?;
        client.execute(&delete, &[&numbers(&changes.published)]).await?;
        return Ok(Settled::default());
    }
    let tx = client.transaction().await?;
    let settled = within(&tx, changes).await?;
    tx.commit().await?;
    Ok(settled)
}

/// In a transaction that may hold more.
pub(super) async fn within(tx: &Transaction<'_>, changes: &Changes) -> Result<Settled, Error> {
    let delete = tx.prepare_cached(DELETE).await?;
    tx.execute(&delete, &[&numbers(&changes.published)]).await?;
    failpoint::pass(Point::SettleDeleted);
    let mut leases: Vec<Lease> = changes.fenced.iter().map(|fenced| fenced.lease).collect();
    leases.sort_unstable();
    leases.dedup();
    let (lanes, epochs) = columns(&leases);
    let holding: Vec<i16> =
        tx.query(HOLDING, &[&lanes, &epochs]).await?.iter().map(|row| row.get(0)).collect();
    let is_held = |lease: &Lease| holding.contains(&small(lease.lane));
    for fenced in changes.fenced.iter().filter(|fenced| is_held(&fenced.lease)) {
        write(tx, fenced.lease.lane, &fenced.change).await?;
    }
    leases.retain(|lease| !is_held(lease));
    Ok(Settled { lost: leases })
}

async fn write(tx: &Transaction<'_>, lane: Lane, change: &Change) -> Result<(), Error> {
    match change {
        Change::Hold { held, rows, error } => {
            remember(tx, lane, held, error).await?;
            failpoint::pass(Point::SettleHeld);
            tx.execute(SET_HELD, &[&numbers(rows)]).await?;
        }
        Change::Follow(rows) => drop(tx.execute(SET_HELD, &[&numbers(rows)]).await?),
        Change::Free(ident) => {
            let (kind, name) = kind_and_name(ident);
            tx.execute(FORGET, &[&kind, &name]).await?;
        }
        Change::Bury { row, attempts, error } => {
            let attempts = i32::try_from(*attempts).unwrap_or(i32::MAX);
            tx.execute(BURY, &[&row.0, &attempts, &shortened(error)]).await?;
            failpoint::pass(Point::SettleBuried);
        }
        Change::Discard { ident: Ident::Row(row), .. } => {
            tx.execute(DELETE, &[&vec![row.0]]).await?;
        }
        Change::Discard { ident: Ident::Key(key), upto } => {
            tx.execute(DISCARD_HELD, &[&&**key, &upto.0]).await?;
            tx.execute(DISCARD_READY, &[&&**key, &upto.0, &small(lane)]).await?;
        }
        Change::Answer(id, answer) => commands::answer(tx, *id, answer).await?,
        Change::Started { row, starts: 0 } => {
            let forget = tx.prepare_cached(OUTCOME).await?;
            tx.execute(&forget, &[&row.0]).await?;
        }
        Change::Started { row, starts } => {
            let remember = tx.prepare_cached(START).await?;
            tx.execute(&remember, &[&row.0, &i32::try_from(*starts).unwrap_or(i32::MAX)]).await?;
        }
    }
    Ok(())
}

async fn remember(tx: &Transaction<'_>, lane: Lane, held: &Held, error: &str) -> Result<(), Error> {
    let (kind, name) = kind_and_name(&held.ident);
    let retry_in_ms = match held.hold {
        Hold::RetryIn(delay) => Some(delay.as_secs_f64() * 1_000.0),
        Hold::Parked => None,
    };
    let attempts = i32::try_from(held.attempts).unwrap_or(i32::MAX);
    let lane = small(lane);
    tx.execute(REMEMBER, &[&kind, &name, &lane, &held.head.0, &attempts, &retry_in_ms, &shortened(error)])
        .await
        .map(drop)
}

pub(super) fn kind_and_name(ident: &Ident) -> (i16, String) {
    match ident {
        Ident::Key(key) => (0, key.to_string()),
        Ident::Row(seq) => (1, seq.to_string()),
    }
}

pub(super) fn numbers(rows: &[Seq]) -> Vec<i64> {
    rows.iter().map(|seq| seq.0).collect()
}

/// As much as is kept, and without the one character that PostgreSQL's text cannot hold.
pub(super) fn shortened(error: &str) -> String {
    error[..error.floor_char_boundary(ERROR_BYTES_MAX)].replace('\0', "\u{fffd}")
}
