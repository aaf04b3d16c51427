//! Exercise 20.4: a relay whose configuration can change while it publishes.

use std::time::Duration;

use shared::Journal;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::{self, sleep};

/// Where to publish, and how long the broker may take.
#[derive(Clone, Debug)]
pub struct Config {
    pub endpoint: String,
    pub timeout: Duration,
}

/// An event, and how long the broker takes to accept it.
#[derive(Debug)]
pub struct Event {
    pub name: &'static str,
    pub takes: Duration,
}

/// Spawns a relay. It publishes one event after another, each with the configuration that is current when the relay receives
/// the event. It ends when no sender of events is left.
pub fn spawn_relay(
    mut events: mpsc::Receiver<Event>,
    mut config: watch::Receiver<Config>,
    journal: Journal,
) -> JoinHandle<()> {
    tokio::spawn(async move {
        while let Some(event) = events.recv().await {
            // TODO: the compiler rejects this. Which value still exists while the relay waits?
            let current = config.borrow();
            let broker = Broker::connect(&current.endpoint).await;
            let published = time::timeout(current.timeout, broker.publish(&event)).await;
            let outcome = if published.is_ok() { "published" } else { "timed out" };
            journal.log("relay", format_args!("{}: {outcome} at {}", event.name, broker.endpoint));
        }
    })
}

/// A connection to a broker. Do not change it.
struct Broker {
    endpoint: String,
}

impl Broker {
    /// Takes 40 ms.
    async fn connect(endpoint: &str) -> Self {
        sleep(Duration::from_millis(40)).await;
        Self { endpoint: endpoint.to_owned() }
    }

    async fn publish(&self, event: &Event) {
        sleep(event.takes).await;
    }
}
