//! Exercise 12.2: a subscriber that is slower than what it subscribes to.

use std::time::Duration;

use shared::Journal;
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::sleep;

/// What became of the orders.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Report {
    pub checked: Vec<u32>,
    /// How many were overwritten before they could be checked.
    pub missed: u64,
}

/// Checks orders until no sender is left.
pub async fn audit(mut orders: broadcast::Receiver<u32>, journal: Journal) -> Report {
    let mut report = Report::default();
    //~ begin
    loop {
        match orders.recv().await {
            Ok(order) => {
                check(order, &journal).await;
                report.checked.push(order);
            }
            Err(RecvError::Lagged(missed)) => report.missed += missed, // the next `recv` goes on with the oldest left
            Err(RecvError::Closed) => return report,
        }
    }
    //~ starter
    //~| // TODO: this ends too early. Which errors can `recv` return, and which of them is the end?
    //~| while let Ok(order) = orders.recv().await {
    //~|     check(order, &journal).await;
    //~|     report.checked.push(order);
    //~| }
    //~| report
    //~ end
}

/// Takes 260 ms. Do not change it.
async fn check(order: u32, journal: &Journal) {
    journal.log("auditor", format_args!("checks order {order}"));
    sleep(Duration::from_millis(260)).await;
}
