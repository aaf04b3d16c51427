//! Micro-batches: a batch is complete when 100 payments are in it, or 500 ms after its first one.
//!
//! This module imports the `StreamExt` of `tokio_stream`, and [`relay`](mod@crate::relay) that of `futures`. With both in one
//! scope, every method that both have is ambiguous.

use std::time::Duration;

use shared::Pace;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tokio_stream::{Stream, StreamExt};

use crate::broker::{Order, Payment};

/// At most this many payments in a batch.
pub const BATCH_MAX: usize = 100;
/// A batch that is not full is complete this long after its first payment was taken.
pub const BATCH_WITHIN: Duration = Duration::from_millis(500);

/// The payments for the orders that cost something, in batches.
// ANCHOR: micro-batches
pub fn micro_batches(orders: mpsc::Receiver<Order>, pace: Pace) -> impl Stream<Item = Vec<Payment>> {
    ReceiverStream::new(orders)
        .filter(|order| order.cents > 0) // an order that is free has no payment
        .map(|order| Payment { order: order.id, cents: order.cents })
        .chunks_timeout(BATCH_MAX, pace.of(BATCH_WITHIN)) // 100 and 500 ms
}
// ANCHOR_END: micro-batches
