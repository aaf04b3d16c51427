//! Exercise 22.2: at the first error no new write begins, and those in flight come to their end.

use std::cell::Cell;
use std::task::Poll;

use futures::{StreamExt, stream};
use tokio::sync::mpsc;

pub use broker::Broker;

#[derive(Debug, PartialEq, Eq)]
pub struct Order {
    pub id: u32,
}

/// Proof that an order was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Receipt {
    pub order: u32,
    /// The position at which the broker stored the order.
    pub offset: u64,
}

/// The broker does not answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unavailable {
    pub order: u32,
}

/// What became of the orders that the relay has taken, each list in the order in which the answers came.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Report {
    pub written: Vec<Receipt>,
    /// The ids of those that could not be written.
    pub failed: Vec<u32>,
}

/// Writes orders, three at the same time, until the channel ends or a write fails.
///
/// After a failure it begins no other write, and waits for those in flight. The orders that it has not begun to write stay in
/// the channel, for the next relay.
pub async fn relay(orders: &mut mpsc::Receiver<Order>, broker: &Broker) -> Report {
    let mut report = Report::default();
    // The channel as a stream. It ends where this returns `Poll::Ready(None)`.
    let waiting = stream::poll_fn(|cx| orders.poll_recv(cx));
    let mut outcomes = waiting.map(|order| broker.write(order)).buffer_unordered(3);
    while let Some(outcome) = outcomes.next().await {
        match outcome {
            Ok(receipt) => report.written.push(receipt),
            Err(Unavailable { order }) => {
                report.failed.push(order);
                return report; // TODO: what becomes of the writes in flight?
            }
        }
    }
    report
}

/// The broker. Do not change it.
mod broker {
    use std::collections::HashMap;
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::time::Duration;

    use shared::Journal;
    use tokio::time::sleep;

    use super::{Order, Receipt, Unavailable};

    #[derive(Debug)]
    pub struct Broker {
        takes_ms: HashMap<u32, u64>,
        fails: Vec<u32>,
        next_offset: AtomicU64,
        journal: Journal,
    }

    impl Broker {
        /// A broker that takes that many milliseconds for the order with that id, and does not answer for those in `fails`.
        pub fn new(
            takes_ms: impl IntoIterator<Item = (u32, u64)>,
            fails: impl Into<Vec<u32>>,
            journal: Journal,
        ) -> Self {
            let takes_ms = takes_ms.into_iter().collect();
            Self { takes_ms, fails: fails.into(), next_offset: AtomicU64::new(5000), journal }
        }

        /// Writes an order, and returns when the broker has stored it.
        ///
        /// # Errors
        /// The broker does not answer.
        pub async fn write(&self, order: Order) -> Result<Receipt, Unavailable> {
            let mut write = Write { order: order.id, ended: false, journal: &self.journal };
            write.log("is sent");
            sleep(Duration::from_millis(self.takes_ms[&order.id])).await;
            write.ended = true;
            if self.fails.contains(&order.id) {
                write.log("fails");
                return Err(Unavailable { order: order.id });
            }
            write.log("is stored");
            Ok(Receipt { order: order.id, offset: self.next_offset.fetch_add(1, Ordering::Relaxed) })
        }
    }

    /// Logs when it is dropped before the end.
    struct Write<'a> {
        order: u32,
        ended: bool,
        journal: &'a Journal,
    }

    impl Write<'_> {
        fn log(&self, what: &str) {
            self.journal.log(format_args!("order {}", self.order), what);
        }
    }

    impl Drop for Write<'_> {
        fn drop(&mut self) {
            if !self.ended {
                self.log("is dropped");
            }
        }
    }
}
