//! Exercise 22.3: a relay writes orders to a broker and marks them in the outbox, and neither holds up the other.

use futures::StreamExt;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

pub use broker::Broker;
pub use outbox::Outbox;

#[derive(Debug)]
pub struct Order {
    pub id: u32,
}

/// Proof that an order was written.
#[derive(Debug)]
pub struct Receipt {
    pub order: u32,
    /// The position at which the broker stored the order.
    pub offset: u64,
}

/// Writes all orders, three at the same time, and marks them one at a time, in the order of the orders.
///
/// A mark holds up no write, unless more than a few written orders wait for their mark: never more than 16.
pub async fn relay(orders: mpsc::Receiver<Order>, broker: Broker, outbox: Outbox) {
    //~ begin
    let (written, mut unmarked) = mpsc::channel(8);
    let writing = async move {
        let mut receipts = ReceiverStream::new(orders).map(|order| broker.write(order)).buffered(3);
        while let Some(receipt) = receipts.next().await {
            written.send(receipt).await.expect("marking ends after writing");
        }
    };
    let marking = async {
        while let Some(receipt) = unmarked.recv().await {
            outbox.mark(receipt).await;
        }
    };
    tokio::join!(writing, marking);
    //~ starter
    //~| let mut receipts = ReceiverStream::new(orders).map(|order| broker.write(order)).buffered(3);
    //~| while let Some(receipt) = receipts.next().await {
    //~|     outbox.mark(receipt).await; // TODO: what polls the writes meanwhile?
    //~| }
    //~ end
}

/// The broker. Do not change it.
mod broker {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::time::Duration;

    use shared::Journal;
    use tokio::time::sleep;

    use super::{Order, Receipt};

    /// For an order: how many milliseconds it is on its way, and how many more until the broker has confirmed it.
    pub type TakesMs = fn(u32) -> (u64, u64);

    /// Clones are handles to the same broker.
    #[derive(Clone, Debug)]
    pub struct Broker {
        takes_ms: TakesMs,
        next_offset: Arc<AtomicU64>,
        journal: Journal,
    }

    impl Broker {
        pub fn new(takes_ms: TakesMs, journal: Journal) -> Self {
            Self { takes_ms, next_offset: Arc::new(AtomicU64::new(5000)), journal }
        }

        /// Writes an order, and returns when the broker has confirmed it.
        pub async fn write(&self, order: Order) -> Receipt {
            let (on_its_way_ms, confirmed_ms) = (self.takes_ms)(order.id);
            let name = format!("order {}", order.id);
            self.journal.log(&name, "is sent");
            sleep(Duration::from_millis(on_its_way_ms)).await;
            let offset = self.next_offset.fetch_add(1, Ordering::Relaxed);
            sleep(Duration::from_millis(confirmed_ms)).await;
            self.journal.log(&name, "is confirmed");
            Receipt { order: order.id, offset }
        }
    }
}

/// The outbox. Do not change it.
mod outbox {
    use std::sync::Arc;
    use std::time::Duration;

    use shared::Journal;
    use tokio::sync::Semaphore;
    use tokio::time::sleep;

    use super::Receipt;

    /// Clones are handles to the same outbox.
    #[derive(Clone, Debug)]
    pub struct Outbox {
        mark_takes: Duration,
        free: Arc<Semaphore>,
        journal: Journal,
    }

    impl Outbox {
        pub fn new(mark_takes: Duration, journal: Journal) -> Self {
            Self { mark_takes, free: Arc::new(Semaphore::new(1)), journal }
        }

        /// Marks an order as written. Only one may be marked at a time.
        pub async fn mark(&self, Receipt { order, offset }: Receipt) {
            let Ok(_free) = self.free.try_acquire() else {
                return self
                    .journal
                    .log("outbox", format_args!("Error: order {order} is marked while another is"));
            };
            sleep(self.mark_takes).await;
            self.journal.log("outbox", format_args!("order {order} is at {offset}"));
        }
    }
}
