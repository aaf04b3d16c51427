//! What is in our tables, and around them.

use tokio_postgres::{Client, Error, Row};

use super::super::admit::{self, HIDDEN_ADVICE};
use super::super::commands::millis;
use super::super::enqueue::CATCH_UP;
use super::super::lanes::{is_dead, is_free};
use super::super::status::{LIMIT, oldest, unsigned};
use crate::doctor::{Finding, Growth, LATE_MS, Load, Unbounded};
use crate::operations::Pause;

/// Those without which a statement of ours reads a whole table, or two of the same are not refused.
const INDEXES: &str = "SELECT wanted
    FROM unnest(ARRAY['outbox_pkey', 'outbox_id', 'outbox_ready', 'outbox_held', 'outbox_xact', 'outbox_trouble_due',
                      'outbox_command_waiting']) AS wanted
    WHERE NOT EXISTS (SELECT FROM pg_index WHERE indexrelid = to_regclass(wanted) AND indisvalid)";

/// Rows that are gone and not cleared; whether the server clears by itself; the tables of ours where it must not.
const VACUUM: &str = "SELECT n_live_tup, n_dead_tup, current_setting('autovacuum')::bool,
       (SELECT coalesce(string_agg(relname, ', ' ORDER BY relname), '') FROM pg_class, pg_options_to_table(reloptions)
         WHERE relkind = 'r' AND relname LIKE 'outbox%' AND pg_table_is_visible(pg_class.oid)
           AND option_name = 'autovacuum_enabled' AND NOT option_value::bool)
    FROM pg_stat_user_tables WHERE relid = 'outbox'::regclass";

/// The last number that was given out, for whoever may see it, and the highest that is in use.
const NUMBERS: &str = "SELECT CASE WHEN has_sequence_privilege('outbox_seq_seq', 'SELECT')
                         THEN coalesce(pg_sequence_last_value('outbox_seq_seq'), 0) END,
    coalesce((SELECT max(seq) FROM outbox), 0)";

const LOAD: &str = concat!(
    "WITH dead AS MATERIALIZED (SELECT owner FROM outbox_relay WHERE ",
    is_dead!(),
    ")
    SELECT
     (SELECT count(*) FROM (SELECT FROM outbox WHERE state = 0 AND lane IN (SELECT lane FROM outbox_lane WHERE ",
    is_free!(),
    ") LIMIT $2) AS counted),
     ",
    oldest!(),
    ",
     (SELECT count(*) FROM outbox_trouble WHERE retry_at IS NULL),
     (SELECT count(*) FROM (SELECT FROM outbox_dead LIMIT $2) AS counted),
     (SELECT count(*) FROM outbox_started JOIN outbox USING (seq, id)),
     (SELECT count(*) FROM outbox_relay WHERE owner IN (SELECT owner FROM outbox_lane)
        AND (owner IN (SELECT owner FROM dead) OR expires_at < clock_timestamp() + $1 * interval '1 millisecond')),
     (SELECT paused_by FROM outbox_pause),
     (SELECT (extract(epoch FROM clock_timestamp()) - extract(epoch FROM since))::float8 FROM outbox_pause),
     (SELECT coalesce(array_agg(DISTINCT owner), '{}') FROM outbox_relay JOIN outbox_lane USING (owner)
       WHERE lane = ANY(unread) AND owner NOT IN (SELECT owner FROM dead)
         AND EXISTS (SELECT FROM outbox WHERE state = 0 AND outbox.lane = outbox_lane.lane))"
);

/// An estimate for the inbox, whose rows are not worth being counted.
const GROWTH: &str = "SELECT
     (SELECT count(*) FROM outbox_stream), (SELECT count(*) FROM outbox_stream_dead),
     (SELECT greatest(reltuples, 0)::int8 FROM pg_class WHERE oid = to_regclass('outbox_inbox')),
     (SELECT count(*) FROM outbox_command WHERE done_at IS NOT NULL),
     largest.name, largest.messages, largest.bytes
   FROM (SELECT) AS one LEFT JOIN (
     SELECT name, last_seq + 1 - first_seq AS messages, bytes FROM outbox_stream
      WHERE coalesce(age_max_ms, count_max, bytes_max) IS NULL ORDER BY bytes DESC LIMIT 1
   ) AS largest ON true";

pub(super) async fn examine(client: &Client, findings: &mut Vec<Finding>) -> Result<(), Error> {
    findings.push(indexes(&client.query(INDEXES, &[]).await?));
    findings.push(hidden(&admit::hidden(client).await?));
    findings.extend(client.query_opt(VACUUM, &[]).await?.iter().map(vacuum));
    let of_numbers = client.query_one(NUMBERS, &[]).await?;
    findings.push(numbers(of_numbers.get(0), of_numbers.get(1)));
    findings.extend(load(&client.query_one(LOAD, &[&(LATE_MS as f64), &LIMIT]).await?).findings());
    findings.extend(growth(&client.query_one(GROWTH, &[]).await?).findings());
    Ok(())
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

fn hidden(tables: &[String]) -> Finding {
    if tables.is_empty() {
        return Finding::ok("row-level security", "this user sees every row of ours");
    }
    let meaning = format!(
        "{}: they wait for ever, and what follows here may leave them out",
        admit::hidden_from(tables)
    );
    Finding::problem("row-level security", meaning, HIDDEN_ADVICE)
}

fn numbers(given_out: Option<i64>, in_use: i64) -> Finding {
    let Some(given_out) = given_out else {
        return Finding::ok(
            "numbers",
            "this user may not see which is the next: GRANT SELECT ON outbox_seq_seq",
        );
    };
    if given_out >= in_use {
        return Finding::ok("numbers", "the sequence is ahead of all that are in use");
    }
    let meaning = format!(
        "the sequence is at {given_out}, and {in_use} is in use, as after a restore of the rows alone: enqueues fail, or come in before \
         earlier ones of their key"
    );
    Finding::problem("numbers", meaning, CATCH_UP)
}

fn load(row: &Row) -> Load {
    let count = |column: usize| unsigned(row.get::<_, i64>(column));
    let oldest: Option<f64> = row.get(1);
    let paused_by: Option<String> = row.get(6);
    Load {
        unowned: count(0),
        oldest_ms: oldest.map(|seconds| unsigned((seconds * 1_000.0) as i64)),
        paused: paused_by.map(|by| Pause { by, for_ms: row.get::<_, Option<f64>>(7).map_or(0, millis) }),
        parked: count(2),
        dead: count(3),
        started: count(4),
        late: count(5),
        unread_by: row.get(8),
    }
}

fn growth(row: &Row) -> Growth {
    let count = |column: usize| row.get::<_, Option<i64>>(column).map_or(0, unsigned);
    let name: Option<String> = row.get(4);
    Growth {
        streams: count(0),
        unbounded: name.map(|name| Unbounded { name, messages: count(5), bytes: count(6) }),
        letters: count(1),
        seen: count(2),
        answered: count(3),
    }
}
