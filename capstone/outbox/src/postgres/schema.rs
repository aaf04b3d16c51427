//! The tables: creates them, brings older ones up to date, and refuses a database whose tables are not ours.

use tokio_postgres::{Client, Error};

/// What leads from each version to the next; the first one to version 1. A step that was released never changes.
const STEPS: [&str; 6] = [
    include_str!("schema.sql"),
    concat!(include_str!("inbox.sql"), include_str!("streams.sql")),
    include_str!("commands.sql"),
    include_str!("started.sql"),
    include_str!("transactions.sql"),
    concat!(include_str!("handed.sql"), include_str!("retention.sql")),
];

/// The version that this program works with.
pub(super) const VERSION: usize = STEPS.len();

/// What a database holds, as far as we are concerned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// None of our tables.
    Nothing,
    /// Our tables, in the version that this program knows.
    Current,
    /// Our tables, in a version that [`migrate`] brings up to date.
    Older(usize),
    /// Our tables, in a version that this program does not know.
    Unknown(String),
}

impl Found {
    /// The version of our tables, if they are there.
    pub(super) fn version(&self) -> Option<String> {
        match self {
            Self::Nothing => None,
            Self::Current => Some(VERSION.to_string()),
            Self::Older(version) => Some(version.to_string()),
            Self::Unknown(version) => Some(version.clone()),
        }
    }
}

pub(super) async fn inspect(client: &Client) -> Result<Found, Error> {
    let ours =
        client.query_typed("SELECT 1 FROM pg_class WHERE oid = to_regclass('outbox_meta')", &[]).await?;
    if ours.is_empty() {
        return Ok(Found::Nothing);
    }
    let version = "SELECT value FROM outbox_meta WHERE name = 'schema_version'";
    let version: Option<String> = client.query_typed(version, &[]).await?.first().map(|row| row.get(0));
    let number = version.as_deref().and_then(|version| version.parse::<usize>().ok());
    Ok(match number {
        Some(VERSION) => Found::Current,
        Some(number @ 1..VERSION) => Found::Older(number),
        _ => Found::Unknown(version.unwrap_or_else(|| "unknown".into())),
    })
}

/// Creates the tables where they are missing, and what later versions added, in one transaction: after a crash there is all
/// of it or none. Whoever comes at the same time waits, and finds them.
pub(super) async fn migrate(client: &mut Client) -> Result<Found, Error> {
    let transaction = client.transaction().await?;
    // A lock, and not IF NOT EXISTS: two that create the same table at once both see none, and one fails.
    transaction.batch_execute("SELECT pg_advisory_xact_lock(4713, 0)").await?;
    let found = inspect(transaction.client()).await?;
    let missing = match found {
        Found::Nothing => &STEPS[..],
        Found::Older(version) => &STEPS[version..],
        Found::Current | Found::Unknown(_) => &[],
    };
    for step in missing {
        transaction.batch_execute(step).await?;
    }
    if !missing.is_empty() {
        let update = format!("UPDATE outbox_meta SET value = '{VERSION}' WHERE name = 'schema_version'");
        transaction.batch_execute(&update).await?;
    }
    transaction.commit().await?;
    Ok(found)
}
