//! A simulated broker. It stores what it is sent, and confirms it a while later. A write that is dropped logs how far it got.

use std::fmt::{self, Display};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use shared::{Journal, Pace};
use tokio::time::sleep;

/// An order of the shop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Order {
    pub id: u32,
    /// Zero for an order that is free.
    pub cents: u32,
}

/// What is published for an order that costs something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Payment {
    pub order: u32,
    pub cents: u32,
}

/// For orders 1 to 6: how many milliseconds until the broker has stored it, and how many more until it has answered.
const WRITE_MS: [(u64, u64); 6] = [(100, 300), (50, 100), (40, 80), (190, 120), (60, 140), (35, 60)];
/// How long a batch takes, however many payments are in it.
pub const BATCH_TAKES: Duration = Duration::from_millis(350);

/// Numbers the batches that it receives.
#[derive(Debug)]
pub struct Broker {
    batches: AtomicU32,
    pace: Pace,
    journal: Journal,
}

impl Broker {
    /// Refuses order 2, and confirms the others.
    pub fn new(pace: Pace, journal: &Journal) -> Self {
        Self { batches: AtomicU32::new(0), pace, journal: journal.clone() }
    }

    /// Writes an order, and returns its id when the broker has confirmed it.
    ///
    /// Dropped half-way, it has reached the broker or not. The caller does not learn which.
    ///
    /// # Errors
    /// The broker refuses the order.
    pub async fn write(&self, order: Order) -> Result<u32, Refused> {
        let (stored_ms, answered_ms) = WRITE_MS[order.id as usize - 1];
        let mut write = Write { order: order.id, got: Some("is dropped on its way"), journal: &self.journal };
        write.log("is sent");
        sleep(self.pace.of(Duration::from_millis(stored_ms))).await;
        let refused = order.id == 2;
        if !refused {
            write.got = Some("is dropped, and the broker has it");
        }
        sleep(self.pace.of(Duration::from_millis(answered_ms))).await;
        write.got = None;
        write.log(if refused { "is refused" } else { "is confirmed" });
        if refused { Err(Refused { order: order.id }) } else { Ok(order.id) }
    }

    /// Writes a batch, and returns how many payments were in it.
    pub async fn write_batch(&self, batch: Vec<Payment>) -> usize {
        let number = self.batches.fetch_add(1, Ordering::Relaxed) + 1;
        let (first, last) = (batch[0].order, batch[batch.len() - 1].order);
        let batch_name = format!("batch {number}");
        match batch.len() {
            1 => self.journal.log(&batch_name, format_args!("is sent: order {first}")),
            count => {
                self.journal.log(&batch_name, format_args!("is sent: {count} orders, {first} to {last}"));
            }
        }
        sleep(self.pace.of(BATCH_TAKES)).await;
        self.journal.log(&batch_name, "is confirmed");
        batch.len()
    }
}

/// The broker does not accept this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused {
    pub order: u32,
}

impl Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the broker refuses order {}", self.order)
    }
}

impl std::error::Error for Refused {}

/// Logs what is true when it is dropped before the end.
struct Write<'a> {
    order: u32,
    got: Option<&'static str>,
    journal: &'a Journal,
}

impl Write<'_> {
    fn log(&self, what: &str) {
        self.journal.log(format_args!("order {}", self.order), what);
    }
}

impl Drop for Write<'_> {
    fn drop(&mut self) {
        if let Some(what) = self.got {
            self.log(what);
        }
    }
}
