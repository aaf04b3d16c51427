//! An outbox relay that reads its receipts: a row is sent when every subscriber has its message.

use std::time::Duration;

use shared::Journal;
use tokio::time::sleep;

use crate::bus::{Bus, bus};
use crate::message::Message;
use crate::wanted::Wanted;

/// How long it takes to read a row.
pub const READING_TAKES: Duration = Duration::from_millis(10);
const BILLING_TAKES: Duration = Duration::from_millis(100);
const NEXT_POLL_AFTER: Duration = Duration::from_millis(100);

/// A row of the outbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    pub order: u32,
    pub sent: bool,
}

/// The relay that reads its receipts.
pub async fn reads_receipts(journal: Journal) -> Vec<u32> {
    two_polls(journal, marks_delivered).await
}

// ANCHOR: marks-delivered
pub async fn marks_delivered(bus: &Bus, rows: &mut [Row], journal: &Journal) {
    for row in rows.iter_mut().filter(|row| !row.sent) {
        sleep(READING_TAKES).await;
        let Ok(queued) = bus.publish(Message::new("orders.created", row.order)).await else { return };
        let Ok(receipt) = queued.receipt().await else { return };
        if !receipt.reached_all() {
            journal.log("relay", format_args!("leaves order {}: {receipt:?}", row.order));
            return; // the rows behind it wait too, which keeps their order
        }
        row.sent = true;
        journal.log("relay", format_args!("marks order {}", row.order));
    }
}
// ANCHOR_END: marks-delivered

/// Polls twice an outbox of three orders. Billing has one slot and works for 100 ms on each. Returns what billing got.
pub async fn two_polls(journal: Journal, relay: impl AsyncFn(&Bus, &mut [Row], &Journal)) -> Vec<u32> {
    let (bus, actor) = bus(8);
    let running = tokio::spawn(actor.run());
    let wanted = Wanted::to("orders.*").expect("a pattern").slots(1);
    let mut orders = bus.subscribe(wanted).await.expect("the bus runs");
    let billing = tokio::spawn({
        let journal = journal.clone();
        async move {
            let mut billed = Vec::new();
            while let Some(delivery) = orders.recv().await {
                let order = delivery.message.order;
                journal.log("billing", format_args!("begins order {order}"));
                sleep(BILLING_TAKES).await;
                billed.push(order);
            }
            billed
        }
    });
    let mut rows = [1, 2, 3].map(|order| Row { order, sent: false });
    relay(&bus, &mut rows, &journal).await;
    sleep(NEXT_POLL_AFTER).await;
    relay(&bus, &mut rows, &journal).await;
    drop(bus);
    running.await.expect("the bus does not panic");
    billing.await.expect("billing does not panic")
}
