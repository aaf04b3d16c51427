//! Exercise 14.4: a task owns what it uses, because it may outlive its caller.

use std::sync::Arc;

pub use broker::Broker;

/// An event that waits in the outbox. A clone shares the payload.
#[derive(Clone, Debug)]
pub struct Event {
    pub id: u32,
    pub payload: Arc<str>,
}

/// Proof that an event was published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Receipt {
    pub id: u32,
    /// The position at which the broker stored the event.
    pub offset: u64,
}

#[derive(Debug)]
pub struct Relay {
    pub broker: Broker,
}

impl Relay {
    /// Publishes all events at once. Returns the receipts in the order of the events. What has been started is published,
    /// even when the caller stops waiting.
    //~ begin
    pub async fn publish_all(&self, events: &[Event]) -> Vec<Receipt> {
        let mut tasks = Vec::new();
        for event in events {
            let (broker, event) = (self.broker.clone(), event.clone());
            tasks.push(tokio::spawn(async move { broker.publish(&event).await }));
        }
        let mut receipts = Vec::new();
        for task in tasks {
            receipts.push(task.await.expect("no publish panics"));
        }
        receipts
    }
    //~ starter
    //~| pub async fn publish_all(&self, events: &[Event]) -> Vec<Receipt> {
    //~|     let mut tasks = Vec::new();
    //~|     for event in events {
    //~|         // TODO: which two things does this task use that belong to somebody else?
    //~|         tasks.push(tokio::spawn(async move { self.broker.publish(event).await }));
    //~|     }
    //~|     let mut receipts = Vec::new();
    //~|     for task in tasks {
    //~|         receipts.push(task.await.expect("no publish panics"));
    //~|     }
    //~|     receipts
    //~| }
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

    /// Clones are handles to the same connection, which is closed when the last one is dropped.
    #[derive(Clone, Debug)]
    pub struct Broker {
        connection: Arc<Connection>,
    }

    #[derive(Debug)]
    struct Connection {
        takes_ms: HashMap<u32, u64>,
        next_offset: AtomicU64,
        journal: Journal,
    }

    impl Broker {
        /// A broker that takes that many milliseconds to confirm the event with that id.
        pub fn new(takes_ms: impl IntoIterator<Item = (u32, u64)>, journal: Journal) -> Self {
            let takes_ms = takes_ms.into_iter().collect();
            Self { connection: Arc::new(Connection { takes_ms, next_offset: AtomicU64::new(5000), journal }) }
        }

        /// Publishes an event, and returns when the broker has confirmed it.
        pub async fn publish(&self, event: &Event) -> Receipt {
            let Connection { takes_ms, next_offset, journal } = &*self.connection;
            journal.log(format_args!("event {}", event.id), "is sent");
            sleep(Duration::from_millis(takes_ms[&event.id])).await;
            journal.log(format_args!("event {}", event.id), "is confirmed");
            Receipt { id: event.id, offset: next_offset.fetch_add(1, Ordering::Relaxed) }
        }

        /// How many handles to this connection there are.
        pub fn handles(&self) -> usize {
            Arc::strong_count(&self.connection)
        }
    }
}
