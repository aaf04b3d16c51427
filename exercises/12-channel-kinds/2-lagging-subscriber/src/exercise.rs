//! Exercise 12.2: a subscriber that is slower than what it subscribes to.

use std::time::Duration;

use shared::Journal;
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::sleep;

/// An order, and how many milliseconds it takes to check it.
#[derive(Debug, Clone)]
pub struct Order {
    pub number: u32,
    pub check_ms: u64,
}

/// What became of the orders.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// The numbers of the orders that were checked.
    pub checked: Vec<u32>,
    /// How many were overwritten before they could be checked.
    pub missed: u64,
}

/// Checks orders until no sender is left.
pub async fn audit(mut orders: broadcast::Receiver<Order>, journal: Journal) -> Report {
    let mut report = Report::default();
    // TODO: this ends too early. Which errors can `recv` return, and which of them is the end?
    while let Ok(order) = orders.recv().await {
        check(&order, &journal).await;
        report.checked.push(order.number);
    }
    report
}

/// Takes as long as the order says. Do not change it.
async fn check(order: &Order, journal: &Journal) {
    journal.log("auditor", format_args!("checks order {}", order.number));
    sleep(Duration::from_millis(order.check_ms)).await;
}
