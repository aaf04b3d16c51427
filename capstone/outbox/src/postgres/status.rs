//! What people ask, and what a new owner asks first: what is in trouble.

use deadpool_postgres::Object;
use tokio_postgres::{Error, IsolationLevel, Row};

use super::commands;
use crate::store::{KeyStatus, RelayStatus, Status};

/// Seconds that the oldest row has waited: of the first ones of all lanes, so that a backlog is not read. Whoever inserts rows
/// by himself may write a time that is none.
macro_rules! oldest {
    () => {
        "(SELECT extract(epoch FROM clock_timestamp() - min(first.created_at))::float8
            FROM outbox_lane CROSS JOIN LATERAL (
              SELECT created_at FROM outbox WHERE state = 0 AND outbox.lane = outbox_lane.lane ORDER BY outbox.lane, seq LIMIT 1
            ) AS first WHERE isfinite(first.created_at))"
    };
}
pub(super) use oldest;

/// Counts up to one more than is counted, and how many rows there are by the statistics, which are a second behind. By the partial
/// indexes, as the relay's sessions are set.
const COUNTS: &str = concat!(
    "SELECT (SELECT count(*) FROM (SELECT FROM outbox WHERE state = 0 LIMIT $1) AS counted),
       (SELECT count(*) FROM (SELECT FROM outbox WHERE state = 1 LIMIT $1) AS counted),
       (SELECT count(*) FROM (SELECT FROM outbox_dead LIMIT $1) AS counted),
       pg_stat_get_live_tuples('outbox'::regclass), pg_stat_get_live_tuples('outbox_dead'::regclass),
       (SELECT count(*) FROM outbox_lane), ",
    oldest!()
);

pub(super) const LIMIT: i64 = Status::COUNTED_MAX as i64 + 1;

const RELAYS: &str = "SELECT owner, count(*) FROM outbox_lane JOIN outbox_relay USING (owner)
     WHERE expires_at > clock_timestamp() GROUP BY owner ORDER BY owner";

const KEYS: &str =
    "SELECT kind, name, attempts, retry_at IS NULL, error FROM outbox_trouble ORDER BY since LIMIT 100";

pub(super) async fn status(client: &mut Object) -> Result<Status, Error> {
    // One snapshot, so that the figures belong together.
    let tx = client.build_transaction().isolation_level(IsolationLevel::RepeatableRead).read_only(true);
    let tx = tx.start().await?;
    let counts = tx.query_one(COUNTS, &[&LIMIT]).await?;
    let relays: Vec<RelayStatus> = tx.query(RELAYS, &[]).await?.iter().map(relay).collect();
    let keys = tx.query(KEYS, &[]).await?.iter().map(key).collect();
    let paused = commands::paused(&tx).await?;
    tx.commit().await?;

    let count = |column: usize| unsigned::<i64, u64>(counts.get(column));
    let (pending, held, dead) = (count(0), count(1), count(2));
    let lanes = u16::try_from(count(5)).unwrap_or(u16::MAX);
    let oldest: Option<f64> = counts.get(6);
    let of_all = relays.iter().find(|relay| relay.lanes == lanes);
    Ok(Status {
        pending: estimated(pending, count(3).saturating_sub(held)),
        held: estimated(held, count(3).saturating_sub(pending)),
        dead: estimated(dead, count(4)),
        is_estimate: [pending, held, dead].iter().any(|count| *count > Status::COUNTED_MAX),
        oldest_ms: oldest.map(|seconds| unsigned((seconds * 1_000.0) as i64)),
        paused,
        lanes,
        owner: of_all.map(|relay| relay.owner.clone()),
        relays,
        keys,
    })
}

/// What the statistics say is never less than what was counted: they begin anew after a crash of the server.
fn estimated(counted: u64, estimate: u64) -> u64 {
    if counted > Status::COUNTED_MAX { counted.max(estimate) } else { counted }
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
