//! Two actors that need data from each other: calls go one way, and a request carries the data that its answer needs.

use std::time::Duration;

use shared::Journal;
use tokio::sync::{mpsc, oneshot};
use tokio::time::sleep;

/// How many lamps the warehouse has.
pub const LAMPS: u32 = 5;
/// How long the warehouse searches for a lamp.
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
    journal.log("customer", if placed { "gets a lamp" } else { "is told that there is none" });
}

/// A request to the orders: place one.
struct Place {
    answer: oneshot::Sender<bool>,
}

/// A request to the warehouse: reserve a lamp. It says how many are already ordered.
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
        journal.log("orders", format_args!("asks for a lamp; already ordered: {ordered}"));
        let reserved = reserved.await.expect("the warehouse answers");
        ordered += u32::from(reserved);
        placed.send(reserved).ok();
    }
}

async fn warehouse_actor(mut mailbox: mpsc::Receiver<Reserve>, journal: Journal) {
    while let Some(Reserve { ordered, answer }) = mailbox.recv().await {
        sleep(SEARCH_TAKES).await;
        journal.log("warehouse", "searches, then answers");
        answer.send(ordered < LAMPS).ok();
    }
}
// ANCHOR_END: one-way
