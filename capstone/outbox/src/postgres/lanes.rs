//! Who owns which lanes: a lease on all of them in one row, and an advisory lock that dies with its session.
//!
//! The lock frees the lanes of a killed process at once; the lease frees those of a stopped one after its time. All times
//! are the database's.

use std::time::Duration;

use tokio::time::Instant;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Error};

use super::commands;
use super::row::small;
use crate::message::{MessageId, RowId, Seq};
use crate::operations::COMMANDS_MAX;
use crate::store::{Epoch, Lane, Lease, Legacy, Owner, Renewed, Started};

/// One statement each, so that a process that is stopped in between holds nobody up. The advisory lock of whoever is dead
/// can be had, and is given back with the end of the statement.
macro_rules! is_dead {
    () => {
        "(expires_at <= clock_timestamp()
          OR locked AND pg_try_advisory_xact_lock_shared(hashtextextended(owner, 4712)))"
    };
}
pub(super) use is_dead;

const LOCK: &str = "SELECT pg_try_advisory_lock(hashtextextended($1, 4712))";

/// Relays that died long ago, and whose lanes others have.
const FORGET: &str = "DELETE FROM outbox_relay WHERE expires_at < clock_timestamp() - interval '1 hour'
    AND NOT EXISTS (SELECT FROM outbox_lane WHERE outbox_lane.owner = outbox_relay.owner)";

macro_rules! extend {
    () => {
        "INSERT INTO outbox_relay (owner, expires_at, locked)
         VALUES ($1, clock_timestamp() + $2 * interval '1 millisecond', $3)
         ON CONFLICT (owner) DO UPDATE SET expires_at = excluded.expires_at, locked = excluded.locked"
    };
}

const EXTEND: &str = extend!();

/// One statement and one commit a renewal. It says that this relay is alive, and tells how many are, whether they are to publish,
/// which leases this one has, and what operators want of it: a row for each command, or one.
const RENEW: &str = concat!(
    "WITH extended AS (",
    extend!(),
    ")
    SELECT alive.count, EXISTS (SELECT FROM outbox_pause), held.lanes, held.epochs,
           command.id, command.lane, command.kind, command.name, command.verb, command.head_seq, command.upto_seq, command.error
      FROM (SELECT 1 + count(*) AS count FROM outbox_relay WHERE owner <> $1 AND NOT ",
    is_dead!(),
    ") AS alive
     CROSS JOIN (SELECT coalesce(array_agg(lane ORDER BY lane), '{}') AS lanes,
                        coalesce(array_agg(epoch ORDER BY lane), '{}') AS epochs FROM outbox_lane WHERE owner = $1) AS held
      LEFT JOIN (SELECT outbox_command.* FROM outbox_command JOIN outbox_lane USING (lane)
                  WHERE owner = $1 AND done_at IS NULL ORDER BY id LIMIT $4) AS command ON true"
);

/// Free is what no living relay owns. Locks the rows of the dead: one that is just being extended is passed over, or found to be
/// alive. One that has no row owns nothing: it has given up, and its last TAKE came too late.
///
/// The epoch is the time, unless that is behind: so it grows also when a server has taken over that lacks the last ones.
const TAKE: &str = concat!(
    "WITH dead AS MATERIALIZED (
       SELECT owner FROM outbox_relay WHERE owner <> $1 AND ",
    is_dead!(),
    " FOR UPDATE SKIP LOCKED
     ), free AS MATERIALIZED (
       SELECT lane FROM outbox_lane WHERE owner IS NULL OR owner IN (SELECT owner FROM dead)
           OR NOT EXISTS (SELECT FROM outbox_relay WHERE outbox_relay.owner = outbox_lane.owner)
        ORDER BY random() LIMIT $2 FOR UPDATE SKIP LOCKED
     )
     UPDATE outbox_lane SET owner = $1, abandoned = owner IS NOT NULL,
            epoch = greatest(epoch + 1, (extract(epoch FROM clock_timestamp()) * 1000)::bigint)
      WHERE lane IN (SELECT lane FROM free) RETURNING lane, epoch"
);

const RELEASE: &str = "UPDATE outbox_lane SET owner = NULL, epoch = outbox_lane.epoch + 1
    FROM unnest($1::smallint[], $2::bigint[]) AS lease (lane, epoch)
   WHERE outbox_lane.lane = lease.lane AND outbox_lane.epoch = lease.epoch";

const LEAVE: &str = "WITH gone AS (DELETE FROM outbox_relay WHERE owner = $1)
    UPDATE outbox_lane SET owner = NULL, epoch = epoch + 1 WHERE owner = $1";

const ABANDONED: &str = "SELECT lane FROM outbox_lane WHERE lane = ANY($1) AND abandoned";

/// From the few starts to their rows.
const STARTED: &str = "SELECT outbox.lane, seq, starts, id FROM outbox_started JOIN outbox USING (seq, id) WHERE outbox.lane = ANY($1)";

/// The relay's own session: while it lives, so does the lock.
pub(super) struct Membership {
    client: Client,
    owner: Owner,
    /// Whether the lock could be had: somebody who looks whether we are dead holds it for a moment.
    is_locked: bool,
    /// When it last said that it is alive.
    extended_at: Option<Instant>,
}

impl Membership {
    pub(super) async fn begin(client: Client, owner: &Owner) -> Result<Self, Error> {
        client.execute(FORGET, &[]).await?;
        Ok(Self { client, owner: owner.clone(), is_locked: false, extended_at: None })
    }

    pub(super) fn is_open(&self) -> bool {
        !self.client.is_closed()
    }

    pub(super) async fn renew(&mut self, ttl: Duration) -> Result<Renewed, Error> {
        self.lock().await?;
        let (owner, ttl_ms) = (self.owner.as_str(), millis(ttl));
        let parameters: [&(dyn ToSql + Sync); 4] =
            [&owner, &ttl_ms, &self.is_locked, &i64::from(COMMANDS_MAX)];
        let news = self.client.query(RENEW, &parameters).await?;
        self.extended_at = Some(Instant::now());
        let (alive, is_paused): (i64, bool) = (news[0].get(0), news[0].get(1));
        let (lanes, epochs): (Vec<i16>, Vec<i64>) = (news[0].get(2), news[0].get(3));
        let leases = lanes
            .into_iter()
            .zip(epochs)
            .map(|(lane, epoch)| Lease { lane: numbered(lane), epoch: Epoch(epoch) });
        let commands = news.iter().filter_map(|row| commands::command(row, 4)).collect();
        let relays = u16::try_from(alive).unwrap_or(u16::MAX);
        Ok(Renewed { leases: leases.collect(), relays, commands, is_paused })
    }

    /// Of a relay that has just renewed this is one statement more.
    pub(super) async fn take(&mut self, lanes_max: u16, ttl: Duration) -> Result<Vec<Lease>, Error> {
        if self.extended_at.is_none_or(|at| at.elapsed() > ttl / 8) {
            self.lock().await?;
            let owner = self.owner.as_str();
            self.client.execute(EXTEND, &[&owner, &millis(ttl), &self.is_locked]).await?;
            self.extended_at = Some(Instant::now());
        }
        let taken = self.client.query(TAKE, &[&self.owner.as_str(), &i64::from(lanes_max)]).await?;
        let mut leases: Vec<Lease> = taken.iter().map(lease).collect();
        leases.sort_unstable();
        Ok(leases)
    }

    pub(super) async fn leave(self) -> Result<(), Error> {
        self.client.execute(LEAVE, &[&self.owner.as_str()]).await.map(drop)
    }

    async fn lock(&mut self) -> Result<(), Error> {
        if !self.is_locked {
            self.is_locked = self.client.query_one(LOCK, &[&self.owner.as_str()]).await?.get(0);
        }
        Ok(())
    }
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1_000.0
}

pub(super) async fn release(client: &Client, leases: &[Lease]) -> Result<(), Error> {
    let (lanes, epochs) = columns(leases);
    client.execute(RELEASE, &[&lanes, &epochs]).await.map(drop)
}

/// How these lanes were left, and what was under way then.
pub(super) async fn legacy(client: &Client, lanes: &[Lane]) -> Result<Legacy, Error> {
    let lanes: Vec<i16> = lanes.iter().map(|lane| small(*lane)).collect();
    let abandoned = client.query(ABANDONED, &[&lanes]).await?.iter().map(lane).collect();
    let started = client.query(STARTED, &[&lanes]).await?;
    let started = started.iter().map(|row| Started {
        lane: lane(row),
        row: RowId { seq: Seq(row.get(1)), id: MessageId::from(row.get::<_, uuid::Uuid>(3)) },
        starts: row.get::<_, i32>(2).unsigned_abs(),
    });
    Ok(Legacy { abandoned, started: started.collect() })
}

/// As two arrays for `unnest`.
pub(super) fn columns(leases: &[Lease]) -> (Vec<i16>, Vec<i64>) {
    leases.iter().map(|lease| (small(lease.lane), lease.epoch.0)).unzip()
}

fn lease(row: &tokio_postgres::Row) -> Lease {
    Lease { lane: lane(row), epoch: Epoch(row.get(1)) }
}

fn lane(row: &tokio_postgres::Row) -> Lane {
    numbered(row.get(0))
}

fn numbered(lane: i16) -> Lane {
    Lane(u16::try_from(lane).unwrap_or(0))
}
