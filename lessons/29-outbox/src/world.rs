//! Where the scenes play: a shop, a broker and a warehouse. A process is a future, and killing it drops the future.

use std::time::Duration;

use shared::Journal;
use tokio::sync::mpsc;
use tokio::time::timeout;

use crate::broker::{MemoryBroker, Message};
use crate::database::Database;
use crate::warehouse::Received;
use crate::{relay, shop, warehouse, wrong};

/// What survives when a process is killed.
pub struct World {
    pub shop: Database,
    pub broker: MemoryBroker,
    pub warehouse: Database,
    pub journal: Journal,
}

impl World {
    /// No orders, no messages, five lamps.
    pub fn new(journal: Journal) -> Self {
        Self {
            shop: Database::in_memory(shop::TABLES).expect("memory works"),
            broker: MemoryBroker::new(journal.clone()),
            warehouse: Database::in_memory(warehouse::TABLES).expect("memory works"),
            journal,
        }
    }

    /// Runs a process, and kills it after this many milliseconds unless it has ended.
    pub async fn kill_after<T>(&self, ms: u64, name: &str, process: impl Future<Output = T>) {
        if timeout(Duration::from_millis(ms), process).await.is_err() {
            self.journal.log(name, "is killed");
        }
    }

    /// Runs the relay for this many milliseconds.
    pub async fn relay_for(&self, ms: u64) {
        let relaying = relay::run(&self.shop, &self.broker, &self.journal);
        timeout(Duration::from_millis(ms), relaying).await.ok();
    }

    pub async fn place(&self, order: u32) {
        shop::place_order(&self.shop, order).await.expect("the order is new");
        self.journal.log("shop", format_args!("commits order {order} and its event"));
    }

    pub async fn log_count(&self) {
        let orders = shop::orders(&self.shop).await.expect("memory works");
        let messages = self.broker.stored().len();
        self.journal.log("main", format_args!("orders: {orders}, messages: {messages}"));
    }

    /// Spawns a warehouse. It ends with the broker.
    pub fn spawn_warehouse(&self) {
        tokio::spawn(with_inbox(self.broker.subscribe(), self.warehouse.clone(), self.journal.clone()));
    }

    /// Spawns a warehouse that acts on each message.
    pub fn spawn_warehouse_without_inbox(&self) {
        tokio::spawn(without_inbox(self.broker.subscribe(), self.warehouse.clone(), self.journal.clone()));
    }
}

async fn with_inbox(mut messages: mpsc::Receiver<Message>, warehouse: Database, journal: Journal) {
    while let Some(message) = messages.recv().await {
        let id = message.id.clone();
        match warehouse::receive(&warehouse, message).await.expect("there are lamps") {
            Received::First => log_lamps(&warehouse, &journal).await,
            Received::Repeat => journal.log("warehouse", format_args!("knows {id}")),
        }
    }
}

async fn without_inbox(mut messages: mpsc::Receiver<Message>, warehouse: Database, journal: Journal) {
    while messages.recv().await.is_some() {
        wrong::take_a_lamp(&warehouse).await.expect("there are lamps");
        log_lamps(&warehouse, &journal).await;
    }
}

async fn log_lamps(warehouse: &Database, journal: &Journal) {
    let left = warehouse::lamps(warehouse).await.expect("memory works");
    journal.log("warehouse", format_args!("takes a lamp, {left} left"));
}
