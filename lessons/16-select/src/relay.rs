//! A relay that publishes orders and logs a heartbeat every 100 ms. It loses no order, and ends when the channel does.

use std::time::Duration;

use shared::Journal;
use tokio::sync::mpsc;
use tokio::time::{interval, sleep};

use crate::race::LogDrop;

/// How often the relay logs that it is alive.
pub const HEARTBEAT_EVERY: Duration = Duration::from_millis(100);

/// Receives in the branch, works in the handler.
// ANCHOR: relay
pub async fn relay(mut orders: mpsc::Receiver<u32>, journal: Journal) {
    let mut heartbeat = interval(HEARTBEAT_EVERY);
    loop {
        // Both are cancel safe: a branch that loses has taken no tick and no order.
        tokio::select! {
            _ = heartbeat.tick() => journal.log("relay", "heartbeat"),
            received = orders.recv() => {
                let Some(order) = received else { break }; // the channel has ended
                look_up(order, &journal).await; // the race is over: no branch can drop this
                journal.log("relay", format_args!("publishes order {order}"));
            }
        }
    }
    journal.log("relay", "ends with the channel");
}
// ANCHOR_END: relay

/// Reads the details of an order from the database: 60 ms.
pub(crate) async fn look_up(order: u32, journal: &Journal) {
    journal.log("relay", format_args!("looks up order {order}"));
    let guard = LogDrop::new("relay", format!("drops order {order}"), journal);
    sleep(Duration::from_millis(60)).await;
    guard.disarm();
}

/// Sends order 1 at 10 ms, order 2 at 170 ms and order 3 at 270 ms, and closes the channel at 350 ms.
pub async fn send_three(orders: mpsc::Sender<u32>, journal: Journal) {
    for (order, pause_ms) in [(1, 10), (2, 160), (3, 100)] {
        sleep(Duration::from_millis(pause_ms)).await;
        journal.log("shop", format_args!("sends order {order}"));
        orders.send(order).await.expect("the relay outlives the shop");
    }
    sleep(Duration::from_millis(80)).await;
    journal.log("shop", "closes the channel");
}
