//! The loop of lesson 14: marks when it gets to a handle, which may be long after the event was confirmed.
//~ fails with: if the process ends in between, it is published twice
//~ in relay.rs
//~ write
//! The relay: takes rows from the outbox, publishes them, and marks them.

use std::collections::HashSet;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::contract::{Broker, Outbox, Report, Settings};

pub async fn run<O: Outbox, B: Broker>(
    outbox: Arc<O>,
    broker: Arc<B>,
    settings: Settings,
    _stop: CancellationToken,
) -> Report {
    let mut report = Report::default();
    loop {
        let batch = outbox.unsent(settings.in_flight_max, &HashSet::new()).await;
        if batch.is_empty() {
            return report;
        }
        let publish = |event| {
            let broker = Arc::clone(&broker);
            tokio::spawn(async move { broker.publish(&event).await })
        };
        let ids: Vec<u64> = batch.iter().map(|event| event.id).collect();
        let tasks: Vec<_> = batch.into_iter().map(publish).collect();
        for (id, task) in ids.into_iter().zip(tasks) {
            let reason = match task.await {
                Ok(Ok(())) => None,
                Ok(Err(error)) => Some(error.to_string()),
                Err(panic) => Some(panic.to_string()),
            };
            match reason {
                None => {
                    outbox.mark_sent(id).await;
                    report.sent += 1;
                }
                Some(reason) => {
                    outbox.mark_failed(id, &reason).await;
                    report.failed += 1;
                }
            }
        }
    }
}
