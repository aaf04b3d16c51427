//! What one flush writes: a few statements, however many changes there are.

use std::collections::BTreeMap;

use deadpool_postgres::{Object, Transaction};
use tokio_postgres::Error;

use super::commands::{self, ident};
use super::row::{fences, ids, small};
use crate::failpoint::{self, Point};
use crate::message::{Ident, RowId, Seq};
use crate::operations::Command;
use crate::store::{Change, Changes, Fenced, Held, Hold, Lease, Settled};

/// A sink's words are kept, not its whole answer.
const ERROR_BYTES_MAX: usize = 8 * 1024;

/// A row whose number is another message's by now is that message's.
pub(super) const DELETE: &str = "DELETE FROM outbox USING unnest($1::bigint[], $2::uuid[]) AS gone (seq, id)
    WHERE outbox.seq = gone.seq AND outbox.id = gone.id";

/// Those of the leases that hold, until the end of the transaction: whoever wants to take such a lane passes it over.
const HOLDING: &str = "SELECT outbox_lane.lane FROM outbox_lane
    JOIN unnest($1::smallint[], $2::bigint[]) AS lease (lane, epoch)
      ON outbox_lane.lane = lease.lane AND outbox_lane.epoch = lease.epoch
   ORDER BY outbox_lane.lane FOR SHARE OF outbox_lane";

const REMEMBER: &str = "INSERT INTO outbox_trouble (kind, name, lane, head_seq, head_id, attempts, retry_at, error)
     SELECT kind, name, lane, head_seq, head_id, attempts, clock_timestamp() + retry_ms * interval '1 millisecond', error
       FROM unnest($1::smallint[], $2::text[], $3::smallint[], $4::bigint[], $5::uuid[], $6::integer[], $7::float8[], $8::text[])
         AS held (kind, name, lane, head_seq, head_id, attempts, retry_ms, error)
     ON CONFLICT (kind, name) DO UPDATE SET lane = excluded.lane, head_seq = excluded.head_seq,
       head_id = excluded.head_id, attempts = excluded.attempts, retry_at = excluded.retry_at, error = excluded.error";

/// If the trouble has ended since the rows were fetched, it begins again for them: else nobody would read them.
const FOLLOW: &str = "INSERT INTO outbox_trouble (kind, name, lane, head_seq, head_id, attempts, retry_at, error)
     SELECT 0, name, lane, head_seq, head_id, 0, clock_timestamp(), ''
       FROM unnest($1::text[], $2::smallint[], $3::bigint[], $4::uuid[]) AS behind (name, lane, head_seq, head_id)
     ON CONFLICT DO NOTHING";

/// Not `state = 0`: the planner might read an index of all that is ready.
pub(super) const SET_HELD: &str =
    "UPDATE outbox SET state = 1 FROM unnest($1::bigint[], $2::uuid[]) AS held (seq, id)
    WHERE outbox.seq = held.seq AND outbox.id = held.id AND state + 0 = 0";

/// Those of which nothing is held any more are free. The others are due, each with its next row as its head.
///
/// LATERAL and LIMIT, so that each is looked up: the planner would rather read all that is held.
const GO_ON: &str = "WITH done AS MATERIALIZED (
      SELECT done.kind, done.name, next.seq, next.id
        FROM unnest($1::smallint[], $2::text[]) AS done (kind, name)
        LEFT JOIN LATERAL (
          (SELECT seq, id FROM outbox
            WHERE done.kind = 0 AND state = 1 AND (key, seq) > (done.name, -9223372036854775808)
              AND (key, seq) <= (done.name, 9223372036854775807) ORDER BY key, seq LIMIT 1)
          UNION ALL
          (SELECT seq, id FROM outbox
            WHERE done.kind = 1 AND state + 0 = 1 AND seq = CASE done.kind WHEN 1 THEN done.name::bigint END LIMIT 1)
        ) AS next ON true
    ), due AS (
      UPDATE outbox_trouble SET attempts = 0, retry_at = clock_timestamp(), head_seq = done.seq, head_id = done.id
        FROM done
       WHERE outbox_trouble.kind = done.kind AND outbox_trouble.name = done.name AND done.seq IS NOT NULL
    )
    DELETE FROM outbox_trouble USING done
     WHERE outbox_trouble.kind = done.kind AND outbox_trouble.name = done.name AND done.seq IS NULL
    RETURNING outbox_trouble.kind, outbox_trouble.name";

/// Rows become dead letters, with numbers of their own. Nothing is deleted that was not written there.
const BURY: &str = "WITH named AS (
      SELECT * FROM unnest($1::bigint[], $2::uuid[], $3::integer[], $4::text[]) AS named (seq, id, attempts, error)
    ), buried AS (
      INSERT INTO outbox_dead (id, topic, key, headers, payload, created_at, attempts, error)
      SELECT outbox.id, topic, key, headers, payload, created_at, named.attempts, named.error
        FROM named JOIN outbox ON outbox.seq = named.seq AND outbox.id = named.id
      ON CONFLICT (id) DO UPDATE SET topic = excluded.topic, key = excluded.key, headers = excluded.headers,
        payload = excluded.payload, created_at = excluded.created_at, attempts = excluded.attempts,
        error = excluded.error, dead_at = excluded.dead_at
      RETURNING id
    )
    DELETE FROM outbox USING named, buried
     WHERE outbox.seq = named.seq AND outbox.id = named.id AND buried.id = outbox.id";

const START: &str = "INSERT INTO outbox_started (seq, id, starts)
    SELECT * FROM unnest($1::bigint[], $2::uuid[], $3::integer[])
    ON CONFLICT (seq) DO UPDATE SET id = excluded.id, starts = excluded.starts";

/// Rows that are gone are forgotten with it.
const OUTCOME: &str = "DELETE FROM outbox_started WHERE seq = ANY($1)
    OR NOT EXISTS (SELECT FROM outbox WHERE outbox.seq = outbox_started.seq AND outbox.id = outbox_started.id)";

pub(super) async fn settle(client: &mut Object, changes: &Changes) -> Result<Settled, Error> {
    if changes.fenced.is_empty() {
        let (delete, (seqs, ids)) = (client.prepare_cached(DELETE).await?, ids(&changes.published));
        client.execute(&delete, &[&seqs, &ids]).await?;
        return Ok(Settled::default());
    }
    let tx = client.transaction().await?;
    let settled = within(&tx, changes).await?;
    tx.commit().await?;
    Ok(settled)
}

/// In a transaction that may hold more.
pub(super) async fn within(tx: &Transaction<'_>, changes: &Changes) -> Result<Settled, Error> {
    delete(tx, &changes.published).await?;
    failpoint::pass(Point::SettleDeleted);
    let mut leases: Vec<Lease> = changes.fenced.iter().map(|fenced| fenced.lease).collect();
    leases.sort_unstable();
    leases.dedup();
    let (lanes, epochs) = fences(&leases);
    let holding: Vec<i16> =
        tx.query(HOLDING, &[&lanes, &epochs]).await?.iter().map(|row| row.get(0)).collect();
    let is_held = |lease: &Lease| holding.contains(&small(lease.lane));
    let held = changes.fenced.iter().filter(|fenced| is_held(&fenced.lease));
    let freed = Grouped::of(held).write(tx).await?;
    leases.retain(|lease| !is_held(lease));
    Ok(Settled { lost: leases, freed })
}

pub(super) async fn delete(tx: &Transaction<'_>, rows: &[RowId]) -> Result<(), Error> {
    let (delete, (seqs, ids)) = (tx.prepare_cached(DELETE).await?, ids(rows));
    tx.execute(&delete, &[&seqs, &ids]).await.map(drop)
}

/// The changes of a flush by what they do: a kind is a statement. Those of different keys may be written in any order, and those
/// of one key come in this one.
#[derive(Default)]
struct Grouped<'a> {
    buried: Vec<(RowId, u32, &'a str)>,
    /// The last of each.
    held: BTreeMap<&'a Ident, (&'a Held, &'a str)>,
    behind: BTreeMap<&'a Ident, (Lease, RowId)>,
    set_held: Vec<RowId>,
    continued: Vec<&'a Ident>,
    /// The last of each.
    started: BTreeMap<RowId, u32>,
    commands: Vec<&'a Command>,
}

impl<'a> Grouped<'a> {
    fn of(changes: impl Iterator<Item = &'a Fenced>) -> Self {
        let mut grouped = Self::default();
        for Fenced { lease, change } in changes {
            match change {
                Change::Hold { held, rows, error } => {
                    grouped.held.insert(&held.ident, (held, error));
                    grouped.set_held.extend(rows);
                }
                Change::Follow { ident, rows } => {
                    let Some(first) = rows.first() else { continue };
                    grouped.behind.entry(ident).or_insert((*lease, *first));
                    grouped.set_held.extend(rows);
                }
                Change::Continue(ident) => grouped.continued.push(ident),
                Change::Bury { row, attempts, error } => grouped.buried.push((*row, *attempts, error)),
                Change::Execute(command) => grouped.commands.push(command),
                Change::Started { row, starts } => drop(grouped.started.insert(*row, *starts)),
            }
        }
        grouped
    }

    /// Returns the keys whose trouble is over.
    async fn write(self, tx: &Transaction<'_>) -> Result<Vec<Ident>, Error> {
        bury(tx, &self.buried).await?;
        self.remember(tx).await?;
        let freed = go_on(tx, &self.continued).await?;
        self.start(tx).await?;
        for command in self.commands {
            commands::execute(tx, command).await?;
        }
        Ok(freed)
    }

    async fn remember(&self, tx: &Transaction<'_>) -> Result<(), Error> {
        if !self.held.is_empty() {
            let remember = tx.prepare_cached(REMEMBER).await?;
            let (kinds, names) = names(self.held.keys().copied());
            let held = || self.held.values().map(|(held, _)| held);
            let lanes: Vec<i16> = held().map(|held| small(held.lane)).collect();
            let (heads, head_ids) = ids(&held().map(|held| held.head).collect::<Vec<_>>());
            let attempts: Vec<i32> = held().map(|held| integer(held.attempts)).collect();
            let retry_ms: Vec<Option<f64>> = held().map(|held| retry_in_ms(held.hold)).collect();
            let errors: Vec<String> = self.held.values().map(|(_, error)| shortened(error)).collect();
            tx.execute(
                &remember,
                &[&kinds, &names, &lanes, &heads, &head_ids, &attempts, &retry_ms, &errors],
            )
            .await?;
            failpoint::pass(Point::SettleHeld);
        }
        if !self.behind.is_empty() {
            let follow = tx.prepare_cached(FOLLOW).await?;
            let keys: Vec<&str> =
                self.behind.keys().filter_map(|ident| ident.key()).map(AsRef::as_ref).collect();
            let lanes: Vec<i16> = self.behind.values().map(|(lease, _)| small(lease.lane)).collect();
            let (heads, head_ids) = ids(&self.behind.values().map(|(_, first)| *first).collect::<Vec<_>>());
            tx.execute(&follow, &[&keys, &lanes, &heads, &head_ids]).await?;
        }
        if !self.set_held.is_empty() {
            let (set_held, (seqs, ids)) = (tx.prepare_cached(SET_HELD).await?, ids(&self.set_held));
            tx.execute(&set_held, &[&seqs, &ids]).await?;
        }
        Ok(())
    }

    async fn start(&self, tx: &Transaction<'_>) -> Result<(), Error> {
        let (over, begun): (Vec<_>, Vec<_>) = self.started.iter().partition(|(_, starts)| **starts == 0);
        if !begun.is_empty() {
            let start = tx.prepare_cached(START).await?;
            let (seqs, ids) = ids(&begun.iter().map(|(row, _)| **row).collect::<Vec<_>>());
            let starts: Vec<i32> = begun.iter().map(|(_, starts)| integer(**starts)).collect();
            tx.execute(&start, &[&seqs, &ids, &starts]).await?;
        }
        if !over.is_empty() {
            let outcome = tx.prepare_cached(OUTCOME).await?;
            let seqs: Vec<i64> = over.iter().map(|(row, _)| row.seq.0).collect();
            tx.execute(&outcome, &[&seqs]).await?;
        }
        Ok(())
    }
}

pub(super) async fn bury(tx: &Transaction<'_>, buried: &[(RowId, u32, &str)]) -> Result<(), Error> {
    if buried.is_empty() {
        return Ok(());
    }
    let bury = tx.prepare_cached(BURY).await?;
    let (seqs, ids) = ids(&buried.iter().map(|(row, ..)| *row).collect::<Vec<_>>());
    let attempts: Vec<i32> = buried.iter().map(|(_, attempts, _)| integer(*attempts)).collect();
    let errors: Vec<String> = buried.iter().map(|(.., error)| shortened(error)).collect();
    tx.execute(&bury, &[&seqs, &ids, &attempts, &errors]).await?;
    failpoint::pass(Point::SettleBuried);
    Ok(())
}

/// Returns those whose trouble is over.
pub(super) async fn go_on(tx: &Transaction<'_>, idents: &[&Ident]) -> Result<Vec<Ident>, Error> {
    if idents.is_empty() {
        return Ok(Vec::new());
    }
    let go_on = tx.prepare_cached(GO_ON).await?;
    let (kinds, names) = names(idents.iter().copied());
    Ok(tx.query(&go_on, &[&kinds, &names]).await?.iter().map(|row| ident(row, 0)).collect())
}

fn retry_in_ms(hold: Hold) -> Option<f64> {
    match hold {
        Hold::RetryIn(delay) => Some(delay.as_secs_f64() * 1_000.0),
        Hold::Parked => None,
    }
}

pub(super) fn kind_and_name(ident: &Ident) -> (i16, String) {
    match ident {
        Ident::Key(key) => (0, key.to_string()),
        Ident::Row(seq) => (1, seq.to_string()),
    }
}

/// As two arrays for `unnest`.
pub(super) fn names<'a>(idents: impl IntoIterator<Item = &'a Ident>) -> (Vec<i16>, Vec<String>) {
    idents.into_iter().map(kind_and_name).unzip()
}

pub(super) fn numbers(rows: &[Seq]) -> Vec<i64> {
    rows.iter().map(|seq| seq.0).collect()
}

fn integer(count: u32) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

/// As much as is kept, and without the one character that PostgreSQL's text cannot hold.
pub(super) fn shortened(error: &str) -> String {
    error[..error.floor_char_boundary(ERROR_BYTES_MAX)].replace('\0', "\u{fffd}")
}
