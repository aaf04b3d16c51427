//! Where the orders come from: a channel with six orders in it, or a shop that sends orders at certain times.

use std::ops::RangeInclusive;
use std::time::Duration;

use shared::{Journal, Pace};
use tokio::sync::mpsc;
use tokio::time::sleep;

use crate::broker::Order;

/// Orders 1 to 6 are in the channel, and its sender is gone.
pub async fn six_orders() -> mpsc::Receiver<Order> {
    let (tx, rx) = mpsc::channel(6);
    for id in 1..=6 {
        tx.send(Order { id, cents: 1000 }).await.expect("the channel has six slots");
    }
    rx
}

/// Sends orders, and logs that.
#[derive(Debug)]
pub struct Shop {
    orders: mpsc::Sender<Order>,
    pace: Pace,
    journal: Journal,
}

impl Shop {
    /// A shop, and the orders that it sends.
    pub fn open(pace: Pace, journal: &Journal) -> (Self, mpsc::Receiver<Order>) {
        let (orders, received) = mpsc::channel(8);
        (Self { orders, pace, journal: journal.clone() }, received)
    }

    /// 230 orders at once, one at 620 ms, three at 1500 ms. The channel ends at 1700 ms.
    pub async fn a_busy_day(self) {
        self.send(1..=230).await;
        self.wait(620).await;
        self.send(231..=231).await;
        self.wait(880).await;
        self.send(232..=234).await;
        self.wait(200).await;
        self.close();
    }

    /// An order at 0 ms and one at 530 ms. The channel ends at 1600 ms.
    pub async fn two_orders(self) {
        self.send(1..=1).await;
        self.wait(530).await;
        self.send(2..=2).await;
        self.wait(1070).await;
        self.close();
    }

    async fn send(&self, ids: RangeInclusive<u32>) {
        match (*ids.start(), *ids.end()) {
            (first, last) if first == last => self.journal.log("shop", format_args!("sends order {first}")),
            (first, last) => self.journal.log("shop", format_args!("sends orders {first} to {last}")),
        }
        for id in ids {
            self.orders.send(Order { id, cents: 1000 }).await.expect("the relay outlives the shop");
        }
    }

    async fn wait(&self, ms: u64) {
        sleep(self.pace.of(Duration::from_millis(ms))).await;
    }

    fn close(self) {
        self.journal.log("shop", "closes the channel");
    }
}
