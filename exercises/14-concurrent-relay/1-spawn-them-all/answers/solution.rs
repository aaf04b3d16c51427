//! Exercise 14.1: tasks that all run at once.

use tokio::task::JoinHandle;

pub use broker::Broker;

/// An event that waits in the outbox. It is published once, so it cannot be cloned.
#[derive(Debug)]
pub struct Event {
    pub id: u32,
}

/// Proof that an event was published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Receipt {
    pub id: u32,
    /// The position at which the broker stored the event.
    pub offset: u64,
}

/// Publishes all events at once. Returns the receipts in the order of the events.
pub async fn publish_all(events: Vec<Event>, broker: Broker) -> Vec<Receipt> {
    //~ begin
    let tasks: Vec<JoinHandle<Receipt>> =
        events.into_iter().map(|event| tokio::spawn(broker.clone().publish(event))).collect();
    let mut receipts = Vec::new();
    for task in tasks {
        receipts.push(task.await.expect("no publish panics"));
    }
    receipts
    //~ starter
    //~| // TODO: at the end of this line no task has been spawned. When is each one?
    //~| let tasks = events.into_iter().map(|event| tokio::spawn(broker.clone().publish(event)));
    //~| let mut receipts = Vec::new();
    //~| for task in tasks {
    //~|     receipts.push(task.await.expect("no publish panics"));
    //~| }
    //~| receipts
    //~ end
}

/// The broker. Do not change it.
mod broker {
    use std::collections::HashMap;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::time::Duration;

    use shared::Journal;
    use tokio::time::sleep;

    use super::{Event, Receipt};

    /// Clones are handles to the same broker.
    #[derive(Clone, Debug)]
    pub struct Broker {
        takes_ms: Arc<HashMap<u32, u64>>,
        next_offset: Arc<AtomicU64>,
        journal: Journal,
    }

    impl Broker {
        /// A broker that takes that many milliseconds to confirm the event with that id.
        pub fn new(takes_ms: impl IntoIterator<Item = (u32, u64)>, journal: Journal) -> Self {
            let takes_ms = Arc::new(takes_ms.into_iter().collect());
            Self { takes_ms, next_offset: Arc::new(AtomicU64::new(5000)), journal }
        }

        /// Publishes an event, and returns when the broker has confirmed it.
        pub async fn publish(self, event: Event) -> Receipt {
            let id = event.id;
            self.journal.log(format_args!("event {id}"), "is sent");
            sleep(Duration::from_millis(self.takes_ms[&id])).await;
            self.journal.log(format_args!("event {id}"), "is confirmed");
            Receipt { id, offset: self.next_offset.fetch_add(1, Ordering::Relaxed) }
        }
    }
}
