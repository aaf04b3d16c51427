//! The whole relay: payments in micro-batches, with at most four batches in flight.

use std::pin::pin;

use futures::StreamExt;
use shared::{Journal, Pace};
use tokio::sync::mpsc;

use crate::batches::micro_batches;
use crate::broker::{Broker, Order};

/// Publishes the payments for all orders, and returns how many there were.
// ANCHOR: relay
pub async fn relay(orders: mpsc::Receiver<Order>, broker: &Broker, journal: &Journal, pace: Pace) -> usize {
    let batches = micro_batches(orders, pace);
    let mut writes = pin!(batches.map(|batch| broker.write_batch(batch)).buffer_unordered(4));
    let mut published = 0;
    while let Some(count) = writes.next().await {
        published += count;
    }
    journal.log("relay", format_args!("ends: {published} payments"));
    published
}
// ANCHOR_END: relay
