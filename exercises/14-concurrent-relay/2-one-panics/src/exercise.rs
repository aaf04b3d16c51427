//! Exercise 14.2: a task may fail in two ways, and both are outcomes.

pub use broker::{Broker, Fate};

/// What became of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    Published,
    /// The broker did not take it, for this reason.
    Refused(String),
    /// `publish` has panicked.
    Crashed,
}

/// Publishes all events at once. Returns what became of each, in the order of the events.
pub async fn publish_all(events: Vec<String>, broker: Broker) -> Vec<Outcome> {
    let tasks: Vec<_> = events.into_iter().map(|event| tokio::spawn(broker.clone().publish(event))).collect();
    let mut outcomes = Vec::new();
    for task in tasks {
        // TODO: a panic in one task becomes a panic here. What does `await` on a handle return?
        let published = task.await.unwrap();
        outcomes.push(match published {
            Ok(()) => Outcome::Published,
            Err(reason) => Outcome::Refused(reason),
        });
    }
    outcomes
}

/// The broker. Do not change it.
mod broker {
    use std::collections::HashMap;
    use std::sync::Arc;
    use std::time::Duration;

    use tokio::time::sleep;

    /// What becomes of an event that is published.
    #[derive(Clone, Copy, Debug)]
    pub enum Fate {
        Stored,
        Refused(&'static str),
        /// There is a bug in `publish`.
        Panics,
    }

    /// Clones are handles to the same broker.
    #[derive(Clone, Debug)]
    pub struct Broker {
        fates: Arc<HashMap<&'static str, (u64, Fate)>>,
    }

    impl Broker {
        /// For each event: how many milliseconds it takes, and what becomes of it.
        pub fn new(fates: impl IntoIterator<Item = (&'static str, u64, Fate)>) -> Self {
            let fates = fates.into_iter().map(|(event, takes_ms, fate)| (event, (takes_ms, fate)));
            Self { fates: Arc::new(fates.collect()) }
        }

        /// Publishes an event.
        pub async fn publish(self, event: String) -> Result<(), String> {
            let (takes_ms, fate) = self.fates[event.as_str()];
            sleep(Duration::from_millis(takes_ms)).await;
            match fate {
                Fate::Stored => Ok(()),
                Fate::Refused(reason) => Err(reason.to_owned()),
                Fate::Panics => panic!("a bug in `publish`: it cannot handle {event}"),
            }
        }
    }
}
