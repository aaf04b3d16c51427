//! What a process that serves a database does by itself, now and then: it lets go what is not kept any longer.

use std::time::Duration;

use capstone_outbox::stream::{StreamError, Streams};
use tokio::time::sleep;

use crate::config::Upkeep;

/// A process that cannot begin its work says so, and has not begun with this.
const FIRST: Duration = Duration::from_secs(1);

/// Never ends. Dropped between its steps or in one of them, it leaves nothing half done.
pub async fn run(streams: Streams, upkeep: Upkeep) {
    sleep(FIRST.min(upkeep.every)).await;
    loop {
        if let Err(error) = once(&streams, upkeep).await {
            tracing::warn!("cannot tidy up, trying again in {:?}: {error}", upkeep.every);
        }
        sleep(upkeep.every).await;
    }
}

async fn once(streams: &Streams, upkeep: Upkeep) -> Result<(), StreamError> {
    while streams.tidy().await? {}
    while streams.forget(upkeep.inbox_keep.0).await? {}
    Ok(())
}
