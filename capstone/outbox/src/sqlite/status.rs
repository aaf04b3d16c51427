//! What people ask: how much waits, and who carries it.

use rusqlite::Connection;

use super::clock::{NOW_MS, since};
use super::commands;
use super::rows::{optional, unsigned};
use crate::store::{KeyStatus, RelayStatus, Status};

pub(super) fn status(connection: &mut Connection) -> rusqlite::Result<Status> {
    // One read transaction, so that the figures belong together.
    let tx = connection.transaction()?;
    let count = |sql: &str| tx.query_row(sql, [], |row| row.get::<_, i64>(0)).map(unsigned);
    let age = since("created_ms");
    let oldest = format!("SELECT {age} FROM outbox WHERE lane = 0 AND state = 0 ORDER BY seq LIMIT 1");
    let oldest_ms: Option<i64> = optional(tx.query_row(&oldest, [], |row| row.get(0)))?;
    let owner = format!("SELECT owner FROM outbox_lane WHERE owner IS NOT NULL AND expires_ms > {NOW_MS}");
    let owner: Option<String> = optional(tx.query_row(&owner, [], |row| row.get(0)))?;
    let mut keys = tx.prepare(
        "SELECT kind, name, attempts, retry_ms IS NULL, error FROM outbox_trouble ORDER BY since_ms LIMIT 100",
    )?;
    let keys = keys.query_map([], |row| {
        let name: String = row.get(1)?;
        Ok(KeyStatus {
            key: if row.get::<_, i64>(0)? == 0 { name } else { format!("row {name}") },
            attempts: row.get(2)?,
            state: if row.get(3)? { "parked" } else { "retrying" },
            error: row.get(4)?,
        })
    })?;
    let held = count("SELECT count(*) FROM outbox WHERE state = 1")?;
    Ok(Status {
        // A count without a condition looks at no row: ten times as fast where millions wait.
        pending: count("SELECT count(*) FROM outbox")?.saturating_sub(held),
        held,
        dead: count("SELECT count(*) FROM outbox_dead")?,
        is_estimate: false,
        oldest_ms: oldest_ms.map(unsigned),
        paused: commands::paused(&tx)?,
        lanes: 1,
        relays: owner.iter().map(|owner| RelayStatus { owner: owner.clone(), lanes: 1 }).collect(),
        owner,
        keys: keys.collect::<rusqlite::Result<_>>()?,
    })
}
