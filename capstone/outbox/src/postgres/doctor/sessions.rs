//! What sessions do that may hurt: ours through a pooler, and those of others.

use tokio_postgres::{Client, Error};

use super::super::failure::{NO_POOLER, POOLER};
use super::super::target::Target;
use crate::doctor::Finding;

/// What a relay needs at most.
const OF_RELAY: i64 = 4;

/// Sessions that do nothing and let nobody clean up: how many, for how long the longest; and whether we see other users'.
const IDLE: &str =
    "SELECT count(*), coalesce(extract(epoch FROM max(clock_timestamp() - state_change)), 0)::float8,
       pg_has_role('pg_read_all_stats', 'USAGE')
    FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in transaction%'";

/// How many transactions ago the oldest snapshot was taken that somebody may still read with: a session, a replica, a
/// transaction that was prepared.
const HORIZON: &str = "SELECT coalesce(max(age), 0)::int8 FROM (
      SELECT greatest(age(backend_xmin), age(backend_xid)) AS age FROM pg_stat_activity
       WHERE (datname = current_database() OR datname IS NULL) AND pid <> pg_backend_pid()
      UNION ALL SELECT greatest(age(xmin), age(catalog_xmin)) FROM pg_replication_slots
      UNION ALL SELECT age(transaction) FROM pg_prepared_xacts WHERE database = current_database()
    ) AS horizon";

/// After how many milliseconds the server ends a session that does nothing.
const IDLE_SESSION: &str = "SELECT setting::int8 FROM pg_settings WHERE name = 'idle_session_timeout'";

/// Sessions that there are, and that there may be for ordinary users.
const CONNECTIONS: &str = "SELECT (SELECT sum(numbackends)::int8 FROM pg_stat_database),
    (SELECT sum(CASE WHEN name = 'max_connections' THEN setting::int8 ELSE -setting::int8 END)::int8 FROM pg_settings
      WHERE name IN ('max_connections', 'superuser_reserved_connections', 'reserved_connections'))";

pub(super) async fn pooler(target: &Target, client: &Client) -> Finding {
    match target.is_pooled(client).await {
        Ok(false) => Finding::ok("session", "it stays the same from one transaction to the next"),
        Ok(true) => Finding::problem("session", POOLER, NO_POOLER),
        Err(error) => {
            Finding::warning("session", format!("no second one is to be had: {error}"), "a relay needs three")
        }
    }
}

pub(super) async fn examine(client: &Client) -> Result<[Finding; 4], Error> {
    let of_idle = client.query_one(IDLE, &[]).await?;
    let of_horizon = client.query_one(HORIZON, &[]).await?;
    let timeout = client.query_opt(IDLE_SESSION, &[]).await?;
    let count = client.query_one(CONNECTIONS, &[]).await?;
    Ok([
        idle(of_idle.get(0), of_idle.get(1), of_idle.get(2)),
        horizon(of_horizon.get(0)),
        idle_session(timeout.map_or(0, |row| row.get(0))),
        connections(count.get(0), count.get(1)),
    ])
}

fn idle(count: i64, longest: f64, sees_all: bool) -> Finding {
    let whose =
        if sees_all { "" } else { " of this user; those of others cannot be seen without pg_read_all_stats" };
    let meaning = format!("sessions{whose}: {count}, the longest for {longest:.0} s");
    if longest < 60.0 {
        return Finding::ok("idle in transaction", meaning);
    }
    let meaning = format!("{meaning}: rows that are deleted stay on the disk, and a lock may be kept");
    let advice = "end them with pg_terminate_backend, and set idle_in_transaction_session_timeout";
    Finding::warning("idle in transaction", meaning, advice)
}

fn horizon(age: i64) -> Finding {
    let meaning = format!("the oldest snapshot in use is {age} transactions old");
    if age < 1_000_000 {
        return Finding::ok("xmin", meaning);
    }
    let meaning =
        format!("{meaning}: what was deleted since cannot be cleared, and every fetch reads past it");
    let advice = "look for the oldest xmin in pg_stat_activity, pg_replication_slots and pg_prepared_xacts, and end that one";
    Finding::warning("xmin", meaning, advice)
}

fn idle_session(timeout_ms: i64) -> Finding {
    if timeout_ms == 0 {
        return Finding::ok("idle sessions", "the server does not end them");
    }
    let meaning = format!(
        "the server ends them after {timeout_ms} ms: a relay's lanes with its session, if it renews less often"
    );
    if timeout_ms >= 60_000 {
        return Finding::ok("idle sessions", meaning);
    }
    let advice = "ALTER ROLE … SET idle_session_timeout = 0 for the relay's user";
    Finding::warning("idle sessions", meaning, advice)
}

fn connections(open: i64, allowed: i64) -> Finding {
    let left = (allowed - open).max(0);
    let meaning = format!(
        "{open} of {allowed} are in use; a relay has at most {OF_RELAY}, so {} more would fit",
        left / OF_RELAY
    );
    if left >= allowed / 10 {
        return Finding::ok("connections", meaning);
    }
    let meaning = format!("{meaning}: an application, or a relay after a failover, may get none");
    Finding::warning(
        "connections",
        meaning,
        "raise max_connections, or start fewer processes: see pg_stat_activity",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Level;

    #[test]
    fn what_a_test_cannot_bring_about_is_a_warning() {
        let cases = [
            (idle(3, 59.9, true), idle(1, 60.0, true)),
            (horizon(999_999), horizon(1_000_000)),
            (idle_session(0), idle_session(1_000)),
            (idle_session(60_000), idle_session(59_999)),
            (connections(87, 97), connections(89, 97)),
        ];
        for (fine, bad) in cases {
            assert_eq!((fine.level, bad.level), (Level::Ok, Level::Warning), "{}", bad.check);
        }
    }
}
