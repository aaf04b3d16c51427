//! Who owns which lanes: a lease on all of them in one row, and an advisory lock that dies with its session.
//!
//! The lock frees the lanes of a killed process at once; the lease frees those of a stopped one after its time. All times
//! are the database's.

use std::time::Duration;

use tokio::time::Instant;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Error, Statement};

use super::commands;
use super::news::News;
use super::row::{fences, lane, small};
use crate::message::{MessageId, RowId, Seq};
use crate::operations::COMMANDS_MAX;
use crate::store::{Epoch, Lane, Lease, Legacy, Owner, Renewed, Started};

/// As in `schema.sql`.
pub(super) const LANES: u16 = 64;

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
        "INSERT INTO outbox_relay (owner, expires_at, locked, unread)
         VALUES ($1, clock_timestamp() + $2 * interval '1 millisecond', $3, $4)
         ON CONFLICT (owner) DO UPDATE
           SET expires_at = excluded.expires_at, locked = excluded.locked, unread = excluded.unread"
    };
}

const EXTEND: &str = extend!();

macro_rules! is_free {
    () => {
        "(owner IS NULL OR owner IN (SELECT owner FROM dead)
          OR NOT EXISTS (SELECT FROM outbox_relay WHERE outbox_relay.owner = outbox_lane.owner))"
    };
}
pub(super) use is_free;

/// One statement and one commit a renewal. It says that this relay is alive and which lanes it does not read, and tells how many
/// are, whether they are to publish, whether a lane is free, what is new, which leases this one has, and what operators want of
/// it: a row for each command, or one.
const RENEW: &str = concat!(
    "WITH extended AS (",
    extend!(),
    "), other AS MATERIALIZED (SELECT owner, ",
    is_dead!(),
    " AS is_dead FROM outbox_relay WHERE owner <> $1
    ), dead AS (SELECT owner FROM other WHERE is_dead)
    SELECT (SELECT 1 + count(*) FROM other WHERE NOT is_dead), EXISTS (SELECT FROM outbox_pause),
           EXISTS (SELECT FROM outbox_lane WHERE ",
    is_free!(),
    "), CASE WHEN has_sequence_privilege('outbox_seq_seq', 'SELECT')
             THEN coalesce(pg_sequence_last_value('outbox_seq_seq'), 0) END,
           CASE WHEN $6 THEN EXISTS (SELECT FROM pg_locks WHERE relation = 'outbox'::regclass AND mode = 'RowExclusiveLock'
             AND database = (SELECT oid FROM pg_database WHERE datname = current_database())) ELSE false END,
           held.lanes, held.epochs,
           command.id, command.lane, command.kind, command.name, command.verb, command.head_seq, command.upto_seq, command.error
      FROM (SELECT coalesce(array_agg(lane ORDER BY lane), '{}') AS lanes,
                   coalesce(array_agg(epoch ORDER BY lane), '{}') AS epochs FROM outbox_lane WHERE owner = $1) AS held
      LEFT JOIN (SELECT outbox_command.* FROM outbox_command JOIN outbox_lane USING (lane)
                  WHERE owner = $1 AND done_at IS NULL ORDER BY id LIMIT $5) AS command ON true"
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
       SELECT lane FROM outbox_lane WHERE ",
    is_free!(),
    " ORDER BY random() LIMIT $2 FOR UPDATE SKIP LOCKED
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
    /// Prepared once: each time would be two commits more.
    renew: Statement,
    /// Whether the lock could be had: somebody who looks whether we are dead holds it for a moment.
    is_locked: bool,
    /// When it last said that it is alive.
    extended_at: Option<Instant>,
    /// What it held then.
    lanes: Vec<Lane>,
    /// No lane was free then.
    is_none_free: bool,
    news: News,
}

impl Membership {
    pub(super) async fn begin(client: Client, owner: &Owner) -> Result<Self, Error> {
        client.execute(FORGET, &[]).await?;
        let renew = client.prepare(RENEW).await?;
        let (lanes, news) = (Vec::new(), News::default());
        let (owner, is_locked, is_none_free) = (owner.clone(), false, false);
        Ok(Self { client, owner, renew, is_locked, extended_at: None, lanes, is_none_free, news })
    }

    pub(super) fn is_open(&self) -> bool {
        !self.client.is_closed()
    }

    /// Lanes that it holds, as far as is known.
    pub(super) fn lanes(&self) -> impl Iterator<Item = Lane> {
        self.lanes.iter().copied()
    }

    /// Also whether rows may have become visible since the renewal before.
    pub(super) async fn renew(&mut self, ttl: Duration, unread: &[Lane]) -> Result<(Renewed, bool), Error> {
        self.lock().await?;
        let (owner, ttl_ms) = (self.owner.as_str(), millis(ttl));
        let unread: Vec<i16> = unread.iter().copied().map(small).collect();
        let (commands_max, are_open) = (i64::from(COMMANDS_MAX), self.news.are_open());
        let parameters: [&(dyn ToSql + Sync); 6] =
            [&owner, &ttl_ms, &self.is_locked, &unread, &commands_max, &are_open];
        let told = self.client.query(&self.renew, &parameters).await?;
        let (first, commands) = (&told[0], told.iter().filter_map(|row| commands::command(row, 7)));
        self.extended_at = Some(Instant::now());
        self.is_none_free = !first.get::<_, bool>(2);
        let has_news = self.news.are_there(first.get(3), first.get(4));
        let (lanes, epochs): (Vec<i16>, Vec<i64>) = (first.get(5), first.get(6));
        self.lanes = lanes.into_iter().map(lane).collect();
        let leases = self.lanes().zip(epochs).map(|(lane, epoch)| Lease { lane, epoch: Epoch(epoch) });
        let relays = u16::try_from(first.get::<_, i64>(0)).unwrap_or(u16::MAX);
        let is_paused = first.get(1);
        Ok((Renewed { leases: leases.collect(), relays, commands: commands.collect(), is_paused }, has_news))
    }

    /// Of a relay that has just renewed this is one statement more, and none if that has said that no lane is free.
    pub(super) async fn take(&mut self, lanes_max: u16, ttl: Duration) -> Result<Vec<Lease>, Error> {
        if self.extended_at.is_none_or(|at| at.elapsed() > ttl / 8) {
            self.lock().await?;
            let (owner, unread) = (self.owner.as_str(), Vec::<i16>::new());
            self.client.execute(EXTEND, &[&owner, &millis(ttl), &self.is_locked, &unread]).await?;
            self.extended_at = Some(Instant::now());
        } else if std::mem::take(&mut self.is_none_free) {
            return Ok(Vec::new());
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
    let (lanes, epochs) = fences(leases);
    client.execute(RELEASE, &[&lanes, &epochs]).await.map(drop)
}

/// How these lanes were left, and what was under way then.
pub(super) async fn legacy(client: &Client, lanes: &[Lane]) -> Result<Legacy, Error> {
    let lanes: Vec<i16> = lanes.iter().map(|lane| small(*lane)).collect();
    let abandoned = client.query(ABANDONED, &[&lanes]).await?;
    let abandoned = abandoned.iter().map(|row| lane(row.get(0))).collect();
    let started = client.query(STARTED, &[&lanes]).await?;
    let started = started.iter().map(|row| Started {
        lane: lane(row.get(0)),
        row: RowId { seq: Seq(row.get(1)), id: MessageId::from(row.get::<_, uuid::Uuid>(3)) },
        starts: row.get::<_, i32>(2).unsigned_abs(),
    });
    Ok(Legacy { abandoned, started: started.collect() })
}

fn lease(row: &tokio_postgres::Row) -> Lease {
    Lease { lane: lane(row.get(0)), epoch: Epoch(row.get(1)) }
}
