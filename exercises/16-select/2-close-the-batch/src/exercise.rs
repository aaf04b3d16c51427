//! Exercise 16.2: a batch is closed when it is full, when it is old enough, or when nothing more can come.

use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, sleep_until};

/// How long a batch is open at most.
const OPEN: Duration = Duration::from_secs(1);
/// How many events a batch holds when it is full.
const FULL: usize = 4;

/// Collects a batch: until it is full, until it has been open for a second, or until the channel has ended.
pub async fn collect(events: &mut mpsc::Receiver<u32>) -> Vec<u32> {
    let mut batch = Vec::new();
    // TODO: this is right while events come fast. What does it do when they come slowly, or when the channel ends?
    while batch.len() < FULL {
        tokio::select! {
            () = sleep(OPEN) => break,
            Some(event) = events.recv() => batch.push(event),
        }
    }
    batch
}
