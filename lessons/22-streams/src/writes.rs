//! Four writes in flight, with the results in the order in which they are confirmed, or in the order of the orders.

use std::time::Duration;

use futures::StreamExt;
use shared::Journal;
use tokio::sync::mpsc;
use tokio::time::sleep;
use tokio_stream::wrappers::ReceiverStream;

use crate::broker::{Broker, Order, Refused};

/// How long it takes to mark an order as sent, in the outbox.
pub const MARK_TAKES: Duration = Duration::from_millis(100);

/// At most four writes in flight. Each outcome comes as soon as it is known.
// ANCHOR: unordered
pub async fn unordered(orders: mpsc::Receiver<Order>, broker: &Broker, journal: &Journal) {
    let mut outcomes = ReceiverStream::new(orders).map(|order| broker.write(order)).buffer_unordered(4);
    while let Some(outcome) = outcomes.next().await {
        log(outcome, journal);
    }
    journal.log("relay", "ends");
}

fn log(outcome: Result<u32, Refused>, journal: &Journal) {
    match outcome {
        Ok(id) => journal.log("relay", format_args!("marks order {id}")),
        Err(refused) => journal.log("relay", format_args!("Error: {refused}")),
    }
}
// ANCHOR_END: unordered

/// At most four writes in flight, and the outcomes in the order of the orders.
pub async fn in_order(orders: mpsc::Receiver<Order>, broker: &Broker, journal: &Journal) {
    // ANCHOR: in-order
    let mut outcomes = ReceiverStream::new(orders).map(|order| broker.write(order)).buffered(4);
    // ANCHOR_END: in-order
    while let Some(outcome) = outcomes.next().await {
        log(outcome, journal);
    }
    journal.log("relay", "ends");
}

/// Writes and marks each order in one future, so that a mark holds up no write.
// ANCHOR: write-and-mark
pub async fn write_and_mark(orders: mpsc::Receiver<Order>, broker: &Broker, journal: &Journal) {
    let mut outcomes = ReceiverStream::new(orders)
        .map(async |order| {
            let id = broker.write(order).await?;
            mark(id, journal).await;
            Ok::<_, Refused>(id)
        })
        .buffer_unordered(4);
    while let Some(outcome) = outcomes.next().await {
        if let Err(refused) = outcome {
            journal.log("relay", format_args!("Error: {refused}"));
        }
    }
    journal.log("relay", "ends");
}
// ANCHOR_END: write-and-mark

/// Marks an order as sent, which takes 100 ms.
pub(crate) async fn mark(id: u32, journal: &Journal) {
    sleep(MARK_TAKES).await;
    journal.log("relay", format_args!("has marked order {id}"));
}
