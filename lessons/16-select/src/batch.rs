//! A batch that closes 30 s after it was opened, however many orders arrive meanwhile.

use std::time::Duration;

use shared::{Journal, Pace};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, sleep_until};

/// How long a batch stays open.
pub const OPEN: Duration = Duration::from_secs(30);

/// Collects orders for 30 s, or until the channel ends.
// ANCHOR: collect
pub async fn collect(mut orders: mpsc::Receiver<u32>, journal: Journal, pace: Pace) -> Vec<u32> {
    let mut batch = Vec::new();
    let closes_at = Instant::now() + pace.of(OPEN); // once, before the loop
    journal.log("batch", "opens");
    loop {
        // Both are cancel safe: `recv` takes nothing that it does not return.
        tokio::select! {
            biased;
            () = sleep_until(closes_at) => break,
            received = orders.recv() => match received {
                Some(order) => {
                    journal.log("batch", format_args!("takes order {order}"));
                    batch.push(order);
                }
                None => break,
            },
        }
    }
    journal.log("batch", format_args!("closes with {batch:?}"));
    batch
}
// ANCHOR_END: collect

/// Sends an order every 20 s, four in all, then holds its sender for an hour. The receiver may be gone before that.
pub async fn send_every_20_s(orders: mpsc::Sender<u32>, pace: Pace) {
    for order in 1..=4 {
        sleep(pace.of(Duration::from_secs(20))).await;
        if orders.send(order).await.is_err() {
            return;
        }
    }
    sleep(shared::HOUR).await;
}
