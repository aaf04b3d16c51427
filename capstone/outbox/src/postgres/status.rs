//! What people ask, and what a new owner asks first: what is in trouble.

use std::time::Duration;

use deadpool_postgres::Object;
use tokio_postgres::{Error, IsolationLevel, Row};

use super::commands;
use super::fetch::small;
use crate::message::{Ident, Seq};
use crate::store::{Held, Hold, KeyStatus, Lane, RelayStatus, Status};

const HELD: &str =
    "SELECT lane, kind, name, head_seq, attempts, (extract(epoch FROM retry_at) - extract(epoch FROM clock_timestamp()))::float8
       FROM outbox_trouble WHERE lane = ANY($1)";

const COUNTS: &str = "SELECT (SELECT count(*) FROM outbox WHERE state = 0),
       (SELECT count(*) FROM outbox WHERE state = 1),
       (SELECT count(*) FROM outbox_dead),
       (SELECT (extract(epoch FROM clock_timestamp()) - extract(epoch FROM min(created_at)))::float8 FROM outbox WHERE state = 0),
       (SELECT count(*) FROM outbox_lane)";

const RELAYS: &str = "SELECT owner, count(*) FROM outbox_lane JOIN outbox_relay USING (owner)
     WHERE expires_at > clock_timestamp() GROUP BY owner ORDER BY owner";

const KEYS: &str =
    "SELECT kind, name, attempts, retry_at IS NULL, error FROM outbox_trouble ORDER BY since LIMIT 100";

pub(super) async fn held(client: &Object, lanes: &[Lane]) -> Result<Vec<Held>, Error> {
    let lanes: Vec<i16> = lanes.iter().map(|lane| small(*lane)).collect();
    Ok(client.query(HELD, &[&lanes]).await?.iter().map(trouble).collect())
}

fn trouble(row: &Row) -> Held {
    let (kind, name, head): (i16, String, i64) = (row.get(1), row.get(2), row.get(3));
    let retry_in: Option<f64> = row.get(5);
    Held {
        lane: Lane(unsigned(row.get::<_, i16>(0))),
        ident: if kind == 0 { Ident::Key(name.into()) } else { Ident::Row(Seq(head)) },
        head: Seq(head),
        attempts: unsigned(row.get::<_, i32>(4)),
        hold: match retry_in {
            Some(seconds) => Hold::RetryIn(Duration::try_from_secs_f64(seconds).unwrap_or_default()),
            None => Hold::Parked,
        },
    }
}

pub(super) async fn status(client: &mut Object) -> Result<Status, Error> {
    // One snapshot, so that the figures belong together.
    let tx = client.build_transaction().isolation_level(IsolationLevel::RepeatableRead).read_only(true);
    let tx = tx.start().await?;
    let counts = tx.query_one(COUNTS, &[]).await?;
    let relays: Vec<RelayStatus> = tx.query(RELAYS, &[]).await?.iter().map(relay).collect();
    let keys = tx.query(KEYS, &[]).await?.iter().map(key).collect();
    let paused = commands::paused(&tx).await?;
    tx.commit().await?;

    let count = |column: usize| unsigned(counts.get::<_, i64>(column));
    let lanes = u16::try_from(count(4)).unwrap_or(u16::MAX);
    let oldest: Option<f64> = counts.get(3);
    let of_all = relays.iter().find(|relay| relay.lanes == lanes);
    Ok(Status {
        pending: count(0),
        held: count(1),
        dead: count(2),
        oldest_ms: oldest.map(|seconds| unsigned((seconds * 1_000.0) as i64)),
        paused,
        lanes,
        owner: of_all.map(|relay| relay.owner.clone()),
        relays,
        keys,
    })
}

fn relay(row: &Row) -> RelayStatus {
    RelayStatus { owner: row.get(0), lanes: unsigned(row.get::<_, i64>(1)) }
}

fn key(row: &Row) -> KeyStatus {
    let name: String = row.get(1);
    KeyStatus {
        key: if row.get::<_, i16>(0) == 0 { name } else { format!("row {name}") },
        attempts: unsigned(row.get::<_, i32>(2)),
        state: if row.get(3) { "parked" } else { "retrying" },
        error: row.get(4),
    }
}

/// Counts are never negative; a difference of times is, when the clock was set back.
pub(super) fn unsigned<S: TryInto<U>, U: Default>(value: S) -> U {
    value.try_into().unwrap_or_default()
}
