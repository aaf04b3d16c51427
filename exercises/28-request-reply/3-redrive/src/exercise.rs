//! Exercise 28.3: dead letters wait until the cause has been fixed. Then they are redriven: sent to the workers again.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use tokio::sync::mpsc;

/// An order that a worker ships.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    pub id: u32,
    /// How often it has failed. A worker gives it up after three attempts.
    pub attempts: u32,
}

/// An order that has failed for good, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    pub order: Order,
    pub reason: String,
}

/// The dead letters. Clones are handles to the same ones.
#[derive(Clone, Default)]
pub struct DeadLetters {
    table: Arc<Mutex<Table>>,
}

#[derive(Default)]
struct Table {
    last: u64,
    /// Each with its number, which is never used again. The oldest comes first.
    letters: BTreeMap<u64, Letter>,
}

impl DeadLetters {
    /// Adds an order, behind those that are there.
    pub fn add(&self, order: Order, reason: &str) {
        let mut table = self.table();
        table.last += 1;
        let number = table.last;
        table.letters.insert(number, Letter { order, reason: reason.to_owned() });
    }

    /// Copies of all letters, the oldest first.
    pub fn look(&self) -> Vec<Letter> {
        self.table().letters.values().cloned().collect()
    }

    /// Takes out the oldest letter with this reason.
    fn take_first(&self, reason: &str) -> Option<Letter> {
        let mut table = self.table();
        let (&number, _) = table.letters.iter().find(|(_, letter)| letter.reason == reason)?;
        table.letters.remove(&number)
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().expect("nothing that can panic runs under this lock")
    }

    /// Sends the orders that have failed for this reason to the workers again, the oldest first. Returns how many.
    pub async fn redrive(&self, reason: &str, workers: &mpsc::Sender<Order>) -> usize {
        // TODO: what if an order fails again? If the workers have gone? If this future is dropped?
        let mut redriven = 0;
        while let Some(letter) = self.take_first(reason) {
            if workers.send(letter.order).await.is_err() {
                break;
            }
            redriven += 1;
        }
        redriven
    }
}
