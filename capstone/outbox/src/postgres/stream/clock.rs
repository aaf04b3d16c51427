//! What time it is for a stream.

use deadpool_postgres::GenericClient;
use tokio_postgres::Error;

/// What time it is for a transaction of a stream: what a test says, or else the database's clock.
pub(super) async fn now_ms(client: &impl GenericClient, now: Option<i64>) -> Result<i64, Error> {
    match now {
        Some(ms) => Ok(ms),
        None => {
            let clock = client.prepare_cached("SELECT outbox_clock_ms()").await?;
            Ok(client.query_one(&clock, &[]).await?.get(0))
        }
    }
}
