//! The tables: creates them, and refuses a database whose tables are not ours.

use tokio_postgres::{Client, Error};

const VERSION: &str = "1";
const TABLES: &str = include_str!("schema.sql");

/// What a database holds, as far as we are concerned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// None of our tables.
    Nothing,
    /// Our tables, in the version that this program knows.
    Current,
    /// Our tables, in another version.
    Other(String),
}

pub(super) async fn inspect(client: &Client) -> Result<Found, Error> {
    let ours =
        client.query_typed("SELECT 1 FROM pg_class WHERE oid = to_regclass('outbox_meta')", &[]).await?;
    if ours.is_empty() {
        return Ok(Found::Nothing);
    }
    let version = "SELECT value FROM outbox_meta WHERE name = 'schema_version'";
    let version: Option<String> = client.query_typed(version, &[]).await?.first().map(|row| row.get(0));
    Ok(match version {
        Some(version) if version == VERSION => Found::Current,
        version => Found::Other(version.unwrap_or_else(|| "unknown".into())),
    })
}

/// Creates the tables where they are missing, in one transaction: after a crash there are all or none. Whoever comes at
/// the same time waits, and finds them.
pub(super) async fn migrate(client: &mut Client) -> Result<Found, Error> {
    let transaction = client.transaction().await?;
    // A lock, and not IF NOT EXISTS: two that create the same table at once both see none, and one fails.
    transaction.batch_execute("SELECT pg_advisory_xact_lock(4713, 0)").await?;
    let found = inspect(transaction.client()).await?;
    if found == Found::Nothing {
        transaction.batch_execute(TABLES).await?;
    }
    transaction.commit().await?;
    Ok(found)
}
