//! A simulated broker: it confirms a row after a while, never answers, or makes the task that publishes the row panic.

use std::future::pending;
use std::time::Duration;

use shared::Journal;
use tokio::time::sleep;

/// How long the broker takes to confirm row 1. Each later row takes 10 ms more, so that no two are confirmed at once.
pub const CONFIRMED_AFTER: Duration = Duration::from_millis(180);

/// What the broker does with a row.
#[derive(Clone, Copy, Debug)]
pub enum Broker {
    /// Confirms every row.
    Confirms,
    /// Never answers for this row, and confirms the others.
    SilentFor(u32),
    /// Makes the task that publishes this row panic, and confirms the others.
    PanicsFor(u32),
}

impl Broker {
    /// Returns when the broker has confirmed the row.
    pub async fn publish(self, row: u32) {
        sleep(CONFIRMED_AFTER + Duration::from_millis(10) * (row - 1)).await;
        match self {
            Self::SilentFor(silent) if silent == row => pending().await,
            Self::PanicsFor(nonsense) if nonsense == row => panic!("the broker sent nonsense for row {row}"),
            _ => {}
        }
    }
}

/// Sends a row to the broker, and returns when it is confirmed.
pub(crate) async fn send(row: u32, broker: Broker, journal: Journal) {
    let task = format!("task {row}");
    journal.log(&task, format_args!("sends row {row}"));
    broker.publish(row).await;
    journal.log(&task, format_args!("row {row} is confirmed"));
}
