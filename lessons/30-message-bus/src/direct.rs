//! The same table without a task of its own: publishers take a lock and deliver.

use std::sync::{Arc, Mutex};

use tokio::sync::mpsc;

use crate::message::{Delivery, Message};
use crate::table::{Receipt, Table};
use crate::wanted::Wanted;

/// A table of subscribers behind a lock. Clones share it.
// ANCHOR: direct
#[derive(Clone, Default)]
pub struct DirectBus {
    /// Of the standard library: it is held for a moment and never across an await.
    table: Arc<Mutex<Table>>,
}

impl DirectBus {
    pub fn publish(&self, message: Message) -> Receipt {
        self.table.lock().expect("no delivery panics").deliver(message)
    }

    pub fn subscribe(&self, wanted: Wanted) -> mpsc::Receiver<Delivery> {
        let (mailbox, deliveries) = mpsc::channel(wanted.slots);
        self.table.lock().expect("no delivery panics").subscribe(wanted, mailbox);
        deliveries
    }
}
// ANCHOR_END: direct
