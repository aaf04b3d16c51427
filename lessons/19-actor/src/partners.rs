//! Two actors that need one another: calls go one way, and a request carries what its answer needs.

use std::time::Duration;

use shared::Journal;
use tokio::sync::{mpsc, oneshot};
use tokio::time::sleep;

/// The warehouse has so many lamps.
pub const LAMPS: u32 = 5;
/// How long the warehouse looks for a lamp.
pub const SEARCH_TAKES: Duration = Duration::from_millis(20);

/// A customer places an order; the orders ask the warehouse.
pub async fn one_way(journal: Journal) {
    let (warehouse, mailbox) = mpsc::channel(3);
    tokio::spawn(warehouse_actor(mailbox, journal.clone()));
    let (orders, mailbox) = mpsc::channel(3);
    tokio::spawn(orders_actor(mailbox, warehouse, journal.clone()));

    let (answer, placed) = oneshot::channel();
    orders.send(Place { answer }).await.expect("the actor has a mailbox");
    journal.log("customer", "places an order");
    let placed = placed.await.expect("the orders answer");
    journal.log("customer", if placed { "has a lamp" } else { "is told that there is none" });
}

/// Asks the orders for a lamp.
struct Place {
    answer: oneshot::Sender<bool>,
}

/// Asks the warehouse for a lamp, and says how many are ordered already.
struct Reserve {
    ordered: u32,
    answer: oneshot::Sender<bool>,
}

// ANCHOR: one-way
async fn orders_actor(
    mut mailbox: mpsc::Receiver<Place>,
    warehouse: mpsc::Sender<Reserve>,
    journal: Journal,
) {
    let mut ordered = 0;
    while let Some(Place { answer: placed }) = mailbox.recv().await {
        let (answer, reserved) = oneshot::channel();
        warehouse.send(Reserve { ordered, answer }).await.expect("the warehouse outlives the orders");
        journal.log("orders", format_args!("asks for a lamp: {ordered} are ordered already"));
        let reserved = reserved.await.expect("the warehouse answers");
        ordered += u32::from(reserved);
        placed.send(reserved).ok();
    }
}

async fn warehouse_actor(mut mailbox: mpsc::Receiver<Reserve>, journal: Journal) {
    while let Some(Reserve { ordered, answer }) = mailbox.recv().await {
        sleep(SEARCH_TAKES).await;
        journal.log("warehouse", "looks, and answers");
        answer.send(ordered < LAMPS).ok();
    }
}
// ANCHOR_END: one-way
