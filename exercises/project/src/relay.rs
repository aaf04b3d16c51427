//! The relay: takes rows from the outbox, publishes them, and marks them.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::contract::{Broker, Outbox, Report, Settings};

// ANCHOR: run
/// Publishes what is unsent in `outbox`, until nothing is left or `stop` is cancelled.
pub async fn run<O: Outbox, B: Broker>(
    outbox: Arc<O>,
    broker: Arc<B>,
    settings: Settings,
    stop: CancellationToken,
) -> Report {
    // ANCHOR_END: run
    // Milestone 1 begins here.
    Report::default()
}
