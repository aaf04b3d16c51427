//! Examines a database that may be anything but well.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::time::{Instant, timeout};
use tokio_postgres::config::TargetSessionAttrs;
use tokio_postgres::{Client, Error, Row};

use super::commands::millis;
use super::failure::words;
use super::lanes::is_dead;
use super::schema::{self, Found};
use super::status::unsigned;
use super::target::Target;
use crate::doctor::{Finding, LATE_MS, Load, ended, round_trip, tables};
use crate::operations::Pause;
use crate::store::StoreError;

/// A database in the same building answers sooner.
const SLOW: Duration = Duration::from_millis(5);

/// After this long without an answer there is none; each statement ends before.
const ANSWER: Duration = Duration::from_secs(30);
const SETTINGS: [(&str, &str); 1] = [("statement_timeout", "20s")];

/// Oldest version that PostgreSQL's makers look after.
const VERSION_MIN: i32 = 140_000;

const SERVER: &str = "SELECT current_setting('server_version'), current_setting('server_version_num')::int,
    current_setting('transaction_read_only')::bool, current_setting('fsync'), current_setting('synchronous_commit')";

/// What the database's clock says, in milliseconds since 1970.
const CLOCK: &str = "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8";

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

/// Those without which a statement of ours reads a whole table, or two of the same are not refused.
const INDEXES: &str = "SELECT wanted
    FROM unnest(ARRAY['outbox_pkey', 'outbox_id', 'outbox_ready', 'outbox_held', 'outbox_command_waiting']) AS wanted
    WHERE NOT EXISTS (SELECT FROM pg_index WHERE indexrelid = to_regclass(wanted) AND indisvalid)";

/// Rows that are gone and not cleared; whether the server clears by itself; the tables of ours where it must not.
const VACUUM: &str = "SELECT n_live_tup, n_dead_tup, current_setting('autovacuum')::bool,
       (SELECT coalesce(string_agg(relname, ', ' ORDER BY relname), '') FROM pg_class, pg_options_to_table(reloptions)
         WHERE relkind = 'r' AND relname LIKE 'outbox%' AND pg_table_is_visible(pg_class.oid)
           AND option_name = 'autovacuum_enabled' AND NOT option_value::bool)
    FROM pg_stat_user_tables WHERE relid = 'outbox'::regclass";

const LOAD: &str = concat!(
    "WITH dead AS MATERIALIZED (SELECT owner FROM outbox_relay WHERE ",
    is_dead!(),
    ")
    SELECT
     (SELECT count(*) FROM outbox WHERE state = 0 AND lane IN (
        SELECT lane FROM outbox_lane WHERE owner IS NULL OR owner IN (SELECT owner FROM dead))),
     (SELECT (extract(epoch FROM clock_timestamp()) - extract(epoch FROM min(created_at)))::float8 FROM outbox WHERE state = 0),
     (SELECT count(*) FROM outbox_trouble WHERE retry_at IS NULL),
     (SELECT count(*) FROM outbox_dead),
     (SELECT count(*) FROM outbox_started JOIN outbox USING (seq)),
     (SELECT count(*) FROM outbox_relay WHERE owner IN (SELECT owner FROM outbox_lane)
        AND (owner IN (SELECT owner FROM dead) OR expires_at < clock_timestamp() + $1 * interval '1 millisecond')),
     (SELECT paused_by FROM outbox_pause),
     (SELECT (extract(epoch FROM clock_timestamp()) - extract(epoch FROM since))::float8 FROM outbox_pause)"
);

impl Target {
    /// Looks at everything that is known to go wrong with such a database. Changes nothing in it.
    ///
    /// What cannot be reached or read is a finding, too.
    ///
    /// # Cancel safety
    /// Reads only.
    pub async fn examine(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        let reason = match self.patient().await {
            Err(error) => error.to_string(),
            Ok(client) => match timeout(ANSWER, examine(&client, &mut findings)).await {
                Ok(Ok(())) => return findings,
                Ok(Err(error)) => words(&error),
                Err(_) => self.silent().to_string(),
            },
        };
        findings.push(ended(&findings, reason));
        findings
    }

    /// Also a session that a relay would refuse, because it cannot write.
    async fn patient(&self) -> Result<Client, StoreError> {
        let mut target = self.with_settings(&SETTINGS);
        match target.client().await {
            Ok(client) => Ok(client),
            Err(error) => {
                target.address.config.target_session_attrs(TargetSessionAttrs::Any);
                target.client().await.map_err(|_| error)
            }
        }
    }
}

async fn examine(client: &Client, findings: &mut Vec<Finding>) -> Result<(), Error> {
    // The first answer waits for the session's start.
    client.batch_execute("SELECT 1").await?;
    let asked = Instant::now();
    client.batch_execute("SELECT 1").await?;
    findings.push(round_trip(asked.elapsed(), SLOW));
    findings.extend(server(&client.query_one(SERVER, &[]).await?));
    findings.push(clock(apart_ms(client).await?));
    let idle_row = client.query_one(IDLE, &[]).await?;
    findings.push(idle(idle_row.get(0), idle_row.get(1), idle_row.get(2)));
    findings.push(horizon(client.query_one(HORIZON, &[]).await?.get(0)));
    let found = schema::inspect(client).await?;
    let migrate = "run `capstone migrate` with the same --db".to_owned();
    findings.push(tables(found.version().as_deref(), schema::VERSION, migrate));
    if found == Found::Current {
        findings.push(indexes(&client.query(INDEXES, &[]).await?));
        findings.extend(client.query_opt(VACUUM, &[]).await?.iter().map(vacuum));
        findings.extend(load(&client.query_one(LOAD, &[&(LATE_MS as f64)]).await?).findings());
    }
    Ok(())
}

fn server(row: &Row) -> [Finding; 4] {
    let (fsync, commit): (String, String) = (row.get(3), row.get(4));
    [
        version(row.get(1), row.get(0)),
        if row.get(2) {
            let meaning = "this server takes no writes: it is a standby, or this user may only read";
            Finding::problem(
                "primary",
                meaning,
                "give the address of the primary; see default_transaction_read_only",
            )
        } else {
            Finding::ok("primary", "this server takes writes")
        },
        if fsync == "off" {
            let meaning = "off: a power cut damages the whole database";
            Finding::problem("fsync", meaning, "set fsync = on, and start the server again")
        } else {
            Finding::ok("fsync", fsync)
        },
        if commit == "off" {
            let meaning = "off: a crash of the server forgets commits whose messages have been delivered";
            let advice = "set synchronous_commit = on, at least for the applications that enqueue";
            Finding::problem("synchronous_commit", meaning, advice)
        } else {
            let meaning = format!(
                "{commit} in this session; what an application sets in its own cannot be seen from here"
            );
            Finding::ok("synchronous_commit", meaning)
        },
    ]
}

fn version(number: i32, version: &str) -> Finding {
    if number >= VERSION_MIN {
        return Finding::ok("PostgreSQL", version);
    }
    let meaning = format!("{version}: its makers mend nothing in it any more");
    Finding::warning("PostgreSQL", meaning, "use version 14 or newer")
}

#[expect(clippy::disallowed_methods, reason = "the wall clock of this machine is what is compared")]
async fn apart_ms(client: &Client) -> Result<f64, Error> {
    let before = SystemTime::now();
    let there_ms: f64 = client.query_one(CLOCK, &[]).await?.get(0);
    let after = SystemTime::now();
    let millis =
        |time: SystemTime| time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64() * 1_000.0;
    // It was read at some moment in between.
    Ok((millis(before) - there_ms).max(there_ms - millis(after)).max(0.0))
}

fn clock(apart_ms: f64) -> Finding {
    let meaning = format!("{apart_ms:.0} ms between the database's and this machine's");
    if apart_ms < 1_000.0 {
        return Finding::ok("clock", meaning);
    }
    let meaning =
        format!("{meaning}: no lease depends on it, but times in logs and tables do not fit together");
    Finding::warning("clock", meaning, "let both machines keep time by NTP")
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

fn indexes(missing: &[Row]) -> Finding {
    let names: Vec<String> = missing.iter().map(|row| row.get(0)).collect();
    if names.is_empty() {
        return Finding::ok("indexes", "all that fetches and enqueues need are there and valid");
    }
    let meaning =
        format!("missing or not valid: {}; statements read whole tables, or fail", names.join(", "));
    Finding::problem(
        "indexes",
        meaning,
        "create them as in src/postgres/schema.sql and commands.sql of capstone-outbox",
    )
}

fn vacuum(row: &Row) -> Finding {
    let (live, dead): (i64, i64) = (row.get(0), row.get(1));
    let (is_on, without): (bool, String) = (row.get(2), row.get(3));
    let meaning = format!("dead rows in the table outbox: {dead}, beside {live} living ones");
    if !is_on || !without.is_empty() {
        let whose = if is_on { format!("for {without}") } else { "for the whole server".to_owned() };
        let meaning =
            format!("{meaning}; autovacuum is off {whose}, and each delivered message leaves a dead row");
        let advice = "set autovacuum = on; ALTER TABLE … RESET (autovacuum_enabled)";
        return Finding::problem("vacuum", meaning, advice);
    }
    if dead < 100_000 {
        return Finding::ok("vacuum", meaning);
    }
    let meaning = format!("{meaning}: autovacuum does not keep up, or must not clear them");
    Finding::warning("vacuum", meaning, "see `xmin` and `idle in transaction`; then VACUUM outbox")
}

fn load(row: &Row) -> Load {
    let count = |column: usize| unsigned(row.get::<_, i64>(column));
    let ms = |column: usize| row.get::<_, Option<f64>>(column).map(millis);
    let paused_by: Option<String> = row.get(6);
    Load {
        unowned: count(0),
        oldest_ms: ms(1),
        paused: paused_by.map(|by| Pause { by, for_ms: ms(7).unwrap_or(0) }),
        parked: count(2),
        dead: count(3),
        started: count(4),
        late: count(5),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Level;

    #[test]
    fn what_a_test_cannot_bring_about_is_a_warning() {
        let cases = [
            (version(VERSION_MIN, "14.0"), version(130_099, "13.99")),
            (clock(999.0), clock(1_000.0)),
            (idle(3, 59.9, true), idle(1, 60.0, true)),
            (horizon(999_999), horizon(1_000_000)),
        ];
        for (fine, bad) in cases {
            assert_eq!((fine.level, bad.level), (Level::Ok, Level::Warning), "{}", bad.check);
        }
    }
}
