//! Exercise 14.3: many tasks have something to write, and one of them writes.

use tokio::sync::mpsc;

pub use given::{Broker, Log};

/// Publishes the events of each lane one after another, and the lanes at once. An event is given by its id. Returns when every
/// event has its line in the log.
pub async fn publish_all(lanes: Vec<Vec<u32>>, broker: Broker, log: Log) {
    // TODO: each lane writes to the log itself, and two of them at the same time. Let one task write.
    let tasks: Vec<_> = lanes
        .into_iter()
        .map(|lane| {
            let (broker, log) = (broker.clone(), log.clone());
            tokio::spawn(async move {
                for event in lane {
                    let entry = broker.publish(event).await;
                    log.append(entry).await;
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.expect("no lane panics");
    }
}

/// Do not change it.
mod given {
    use std::collections::HashMap;
    use std::sync::{Arc, Mutex};
    use std::time::Duration;

    use shared::Journal;
    use tokio::time::sleep;

    /// Clones are handles to the same broker.
    #[derive(Clone, Debug)]
    pub struct Broker {
        takes_ms: Arc<HashMap<u32, u64>>,
        journal: Journal,
    }

    impl Broker {
        /// A broker that takes that many milliseconds to confirm the event with that id.
        pub fn new(takes_ms: impl IntoIterator<Item = (u32, u64)>, journal: Journal) -> Self {
            Self { takes_ms: Arc::new(takes_ms.into_iter().collect()), journal }
        }

        /// Publishes an event. Returns the entry for the log.
        pub async fn publish(&self, event: u32) -> String {
            self.journal.log(format_args!("event {event}"), "is sent");
            sleep(Duration::from_millis(self.takes_ms[&event])).await;
            self.journal.log(format_args!("event {event}"), "is confirmed");
            format!("event {event} published")
        }
    }

    /// A log in memory. Clones are handles to the same log.
    #[derive(Clone, Debug, Default)]
    pub struct Log {
        written: Arc<Mutex<String>>,
    }

    impl Log {
        /// Writes a line, in two pieces of 10 ms each.
        pub async fn append(&self, entry: String) {
            for piece in ["entry: ".to_owned(), entry + "\n"] {
                sleep(Duration::from_millis(10)).await;
                self.written.lock().expect("nobody panics with the lock").push_str(&piece);
            }
        }

        /// All that was written.
        pub fn text(&self) -> String {
            self.written.lock().expect("nobody panics with the lock").clone()
        }
    }
}
