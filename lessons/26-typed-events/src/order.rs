//! An order is placed: the stock, the billing, the mail and the bonus points hear of it. Two of the four go wrong.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use shared::Journal;
use tokio::time::sleep;

use crate::bus::{Event, EventBus};
use crate::report::Handled;

/// A customer has placed an order.
// ANCHOR: handlers
#[derive(Debug, PartialEq, Eq)]
pub struct OrderPlaced {
    pub order: u32,
    pub cents: u32,
}

impl Event for OrderPlaced {}

/// Registers the four handlers of an order.
pub fn register(bus: &EventBus, journal: &Journal) {
    let log = journal.clone();
    bus.on::<OrderPlaced>("stock", move |placed| reserve(placed, log.clone()));
    let log = journal.clone();
    bus.on_fallible::<OrderPlaced>("billing", move |placed| charge(placed, log.clone()));
    let log = journal.clone();
    bus.on::<OrderPlaced>("mail", move |placed| confirm(placed, log.clone()));
    let log = journal.clone();
    bus.on::<OrderPlaced>("points", move |placed| credit(placed, log.clone()));
}

async fn charge(placed: Arc<OrderPlaced>, journal: Journal) -> Handled {
    sleep(Duration::from_millis(350)).await;
    journal.log("billing", format_args!("cannot charge {} cents", placed.cents));
    Err("card declined".into())
}
// ANCHOR_END: handlers

async fn reserve(placed: Arc<OrderPlaced>, journal: Journal) {
    sleep(Duration::from_millis(120)).await;
    journal.log("stock", format_args!("reserves order {}", placed.order));
}

async fn confirm(placed: Arc<OrderPlaced>, journal: Journal) {
    sleep(Duration::from_millis(200)).await;
    journal.log("mail", format_args!("confirms order {}", placed.order));
}

/// It has a bug: a guest may order without an account.
async fn credit(placed: Arc<OrderPlaced>, journal: Journal) {
    sleep(Duration::from_millis(60)).await;
    journal.log("points", format_args!("looks up the account of order {}", placed.order));
    let accounts = BTreeMap::from([(5, "ann"), (6, "bob")]);
    accounts.get(&placed.order).expect("every order has an account");
}

/// An order is placed, and the shop logs what became of it.
pub async fn all_at_once(journal: Journal) {
    let bus = EventBus::new();
    register(&bus, &journal);
    journal.log("shop", "emits order 7");
    let report = bus.emit(OrderPlaced { order: 7, cents: 1250 }).await;
    journal.log("shop", report);
}
