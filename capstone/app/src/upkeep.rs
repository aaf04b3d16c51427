//! What a process that serves a database does by itself, now and then: it lets go what is not kept any longer.

use capstone_outbox::stream::{StreamError, Streams};

use crate::config::Upkeep;

/// Never ends. Dropped between its steps or in one of them, it leaves nothing half done.
pub async fn run(streams: Streams, upkeep: Upkeep) {
    loop {
        if let Err(error) = once(&streams, upkeep).await {
            tracing::warn!("cannot tidy up, trying again in {:?}: {error}", upkeep.every);
        }
        tokio::time::sleep(upkeep.every).await;
    }
}

async fn once(streams: &Streams, upkeep: Upkeep) -> Result<(), StreamError> {
    while streams.tidy().await? {}
    while streams.forget(upkeep.inbox_keep.0).await? {}
    Ok(())
}
