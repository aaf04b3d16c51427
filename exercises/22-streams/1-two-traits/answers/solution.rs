//! Exercise 22.1: two traits have the same methods, and a stream must not move while it is polled.

//~ begin
use std::pin::pin;
use std::time::Duration;

use futures::{StreamExt, future};
//~ starter
//~| use std::time::Duration;
//~|
//~| use futures::StreamExt as _;
//~ end
use tokio::sync::mpsc;
//~ begin
//~ starter
//~| use tokio_stream::StreamExt as _;
//~ end
use tokio_stream::wrappers::ReceiverStream;

pub use broker::Broker;

#[derive(Clone, Copy, Debug)]
pub struct Order {
    pub id: u32,
    /// Zero for an order that is free.
    pub cents: u32,
}

/// Proof that a batch was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    pub orders: Vec<u32>,
    /// The position at which the broker stored the batch.
    pub offset: u64,
}

/// A batch is full with this many orders,
const FULL: usize = 3;
/// and is written after this long even if it is not full.
const WITHIN: Duration = Duration::from_millis(250);

/// Writes the orders that are not free, in batches, two of them at the same time. Returns the receipts in the order in which
/// the broker confirmed the batches.
pub async fn relay(orders: mpsc::Receiver<Order>, broker: &Broker) -> Vec<Receipt> {
    let mut receipts = Vec::new();
    //~ begin
    let paid = ReceiverStream::new(orders).filter(|order| future::ready(order.cents > 0));
    let batches = tokio_stream::StreamExt::chunks_timeout(paid, FULL, WITHIN);
    let mut writes = pin!(batches.map(|batch| broker.write(batch)).buffer_unordered(2));
    //~ starter
    //~| // TODO: `filter` and `map` are in both traits, `chunks_timeout` and `buffer_unordered` in one each.
    //~| let mut writes = ReceiverStream::new(orders)
    //~|     .filter(|order| order.cents > 0)
    //~|     .chunks_timeout(FULL, WITHIN)
    //~|     .map(|batch| broker.write(batch))
    //~|     .buffer_unordered(2);
    //~ end
    while let Some(receipt) = writes.next().await {
        receipts.push(receipt);
    }
    receipts
}

/// The broker. Do not change it.
mod broker {
    use std::collections::HashMap;
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::time::Duration;

    use shared::Journal;
    use tokio::time::sleep;

    use super::{Order, Receipt};

    #[derive(Debug)]
    pub struct Broker {
        takes_ms: HashMap<u32, u64>,
        next_offset: AtomicU64,
        journal: Journal,
    }

    impl Broker {
        /// A broker that takes that many milliseconds for a batch that begins with the order of that id, and 10 for any other.
        pub fn new(takes_ms: impl IntoIterator<Item = (u32, u64)>, journal: Journal) -> Self {
            Self { takes_ms: takes_ms.into_iter().collect(), next_offset: AtomicU64::new(5000), journal }
        }

        /// Writes a batch, and returns when the broker has confirmed it.
        pub async fn write(&self, batch: Vec<Order>) -> Receipt {
            let orders: Vec<u32> = batch.iter().map(|order| order.id).collect();
            self.journal.log("broker", format_args!("receives {orders:?}"));
            let takes_ms = self.takes_ms.get(&orders[0]).unwrap_or(&10);
            sleep(Duration::from_millis(*takes_ms)).await;
            self.journal.log("broker", format_args!("confirms {orders:?}"));
            Receipt { orders, offset: self.next_offset.fetch_add(1, Ordering::Relaxed) }
        }
    }
}
