//! The relay: charges one order after another, and reports those that it had to give up.

use std::time::Duration;

use shared::Journal;

use crate::backoff::Backoff;
use crate::bank::{Bank, Receipt, RequestId};
use crate::outcome::{Outcome, attempt};
use crate::retry::{GaveUp, retry};

/// How long the relay waits for the bank's answer.
pub const LIMIT: Duration = Duration::from_millis(250);

/// A row of the outbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Order {
    pub number: u32,
    pub cents: u32,
}

/// An order that was given up, for a person to look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Report {
    pub order: Order,
    pub gave_up: GaveUp,
}

/// Charges these orders. Returns those that it has given up.
// ANCHOR: relay
pub async fn relay(orders: &[Order], bank: &Bank, journal: &Journal) -> Vec<Report> {
    let mut reports = Vec::new();
    for &order in orders {
        let id = RequestId(order.number); // once for all attempts, also after a restart
        // One caller: many at once need jitter.
        let charging = retry(Backoff::Exact, || charge(order, id, bank, journal));
        if let Err(gave_up) = charging.await {
            journal.log("relay", format_args!("reports order {}: {gave_up}", order.number));
            reports.push(Report { order, gave_up });
        }
    }
    reports
}

async fn charge(order: Order, id: RequestId, bank: &Bank, journal: &Journal) -> Outcome<Receipt> {
    let outcome = attempt(LIMIT, bank.charge(id, order.cents)).await;
    journal.log("relay", format_args!("order {}: {outcome}", order.number));
    outcome
}
// ANCHOR_END: relay
