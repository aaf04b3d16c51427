//! Messages with a key: all changes of one order go to the same member, which writes them in order.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use shared::Journal;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::workers::SLOTS;

/// How many workers write to the warehouse.
pub const WRITERS: usize = 2;

/// A change of an order, and how long it takes to write it to the warehouse. The key is the number of the order.
#[derive(Clone, Copy, Debug)]
pub struct Change {
    pub order: u32,
    pub status: &'static str,
    pub takes: Duration,
}

/// The last status that was written, of each order. The warehouse ships by it.
pub type Warehouse = BTreeMap<u32, &'static str>;

/// Each member has a queue of its own, and the key decides which.
// ANCHOR: by-key
pub async fn by_key(changes: Vec<Change>, journal: Journal) -> Warehouse {
    let warehouse = Arc::default();
    let (mut queues, mut writing) = (Vec::new(), JoinSet::new());
    for number in 1..=WRITERS {
        let (queue, changes) = mpsc::channel(SLOTS);
        queues.push(queue);
        writing.spawn(writer(number, changes, Arc::clone(&warehouse), journal.clone()));
    }
    for change in changes {
        queues[member_of(change.order, WRITERS)].send(change).await.expect("no writer leaves");
    }
    drop(queues);
    writing.join_all().await;
    report(&warehouse, &journal)
}

/// The same member for each change of an order, as long as the number of members does not change.
pub fn member_of(order: u32, members: usize) -> usize {
    order as usize % members
}
// ANCHOR_END: by-key

async fn writer(
    number: usize,
    mut changes: mpsc::Receiver<Change>,
    warehouse: Arc<Mutex<Warehouse>>,
    journal: Journal,
) {
    while let Some(change) = changes.recv().await {
        write(number, change, &warehouse, &journal).await;
    }
}

pub(crate) async fn write(number: usize, change: Change, warehouse: &Mutex<Warehouse>, journal: &Journal) {
    let Change { order, status, takes } = change;
    sleep(takes).await;
    warehouse.lock().expect("nothing panics under this lock").insert(order, status);
    journal.log(format_args!("writer {number}"), format_args!("order {order} is {status}"));
}

/// What the warehouse has in the end.
pub(crate) fn report(warehouse: &Mutex<Warehouse>, journal: &Journal) -> Warehouse {
    let warehouse = warehouse.lock().expect("nothing panics under this lock").clone();
    journal.log("warehouse", format_args!("order 7 is {}", warehouse[&7]));
    warehouse
}

/// Order 7 is created and then cancelled. Orders 8 and 9 are created.
pub fn four_changes() -> Vec<Change> {
    let change = |(order, status, takes_ms)| Change { order, status, takes: Duration::from_millis(takes_ms) };
    [(7, "created", 300), (8, "created", 120), (7, "cancelled", 50), (9, "created", 40)].map(change).into()
}
