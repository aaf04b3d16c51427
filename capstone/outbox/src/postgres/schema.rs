//! The tables: creates them, brings older ones up to date, and knows those that are not ours.

use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Error};

use crate::tables::{self, Tables};

/// What leads from each version to the next; the first one to version 1. A step that was released never changes.
const STEPS: [&str; 6] = [
    include_str!("schema.sql"),
    concat!(include_str!("inbox.sql"), include_str!("streams.sql")),
    include_str!("commands.sql"),
    include_str!("started.sql"),
    include_str!("transactions.sql"),
    // callers.sql last: it binds the functions of all.
    concat!(
        include_str!("trouble.sql"),
        include_str!("handed.sql"),
        include_str!("retention.sql"),
        include_str!("reads.sql"),
        include_str!("callers.sql")
    ),
];

/// The version that this program works with.
pub(super) const VERSION: usize = STEPS.len();

/// The oldest version that a program must know to go on with these tables.
const COMPATIBLE_FROM: usize = 6;

/// While a lock is waited for, those who come later wait behind it.
const LOCK_TIMEOUT: &str = "SET LOCAL lock_timeout = '1s'";

/// What is added belongs beside what is there, whatever stands first in the session's search_path.
const BESIDE: &str = "SELECT set_config('search_path', quote_ident(relnamespace::regnamespace::text), true)
    FROM pg_class WHERE oid = to_regclass('outbox_meta')";

/// Our tables, if they are there.
pub(super) async fn inspect(client: &Client) -> Result<Option<Tables>, Error> {
    let ours =
        client.query_typed("SELECT 1 FROM pg_class WHERE oid = to_regclass('outbox_meta')", &[]).await?;
    if ours.is_empty() {
        return Ok(None);
    }
    let rows = client.query_typed("SELECT name, value FROM outbox_meta", &[]).await?;
    Ok(Some(Tables::read(rows.iter().map(|row| (row.get(0), row.get(1))), VERSION)))
}

/// Creates the tables where they are missing, and what later versions added, in one transaction: after a crash there is all
/// of it or none. Whoever comes at the same time waits, and finds them. What was found.
pub(super) async fn migrate(client: &mut Client) -> Result<Option<Tables>, Error> {
    let transaction = client.transaction().await?;
    transaction.batch_execute(LOCK_TIMEOUT).await?;
    // A lock, and not IF NOT EXISTS: two that create the same table at once both see none, and one fails.
    transaction.batch_execute("SELECT pg_advisory_xact_lock(4713, 0)").await?;
    let found = inspect(transaction.client()).await?;
    let from = match found {
        None => 0,
        Some(Tables::Older(version)) => version,
        Some(_) => return Ok(found),
    };
    if from > 0 {
        transaction.batch_execute(BESIDE).await?;
    }
    transaction.batch_execute(&script(from)).await?;
    transaction.commit().await?;
    Ok(found)
}

/// What leads from a version to this program's; empty if nothing is missing.
pub(super) fn script(from: usize) -> String {
    tables::script(&STEPS, from, COMPATIBLE_FROM)
}

/// Something of the application's has a name that we need.
pub(super) fn is_taken(error: &Error) -> bool {
    let taken = [&SqlState::DUPLICATE_TABLE, &SqlState::DUPLICATE_OBJECT, &SqlState::DUPLICATE_FUNCTION];
    error.code().is_some_and(|code| taken.contains(&code))
}
