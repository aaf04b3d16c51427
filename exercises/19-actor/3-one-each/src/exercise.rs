//! Exercise 19.3: events of one customer must keep their order, those of two customers are published at the same time.

use std::collections::BTreeMap;
use std::time::Duration;

use shared::Journal;
use tokio::sync::mpsc;
use tokio::time::sleep;
use tokio_util::task::TaskTracker;

/// How many events of a customer wait in the mailbox.
const SLOTS: usize = 8;

/// An event of a customer.
#[derive(Clone, Copy, Debug)]
pub struct Event {
    pub customer: &'static str,
    pub name: &'static str,
    /// How long it takes to publish it.
    pub takes: Duration,
}

/// Publishes events: an actor for each customer.
pub struct Relay {
    // TODO: keep the mailbox of each customer.
    actors: TaskTracker,
    journal: Journal,
}

impl Relay {
    /// A relay that has no actors yet.
    pub fn new(journal: Journal) -> Self {
        Self {
            // TODO: at the start there are none.
            actors: TaskTracker::new(),
            journal,
        }
    }

    /// Sends the event to the actor of its customer, behind all earlier events of that customer.
    ///
    /// Does not wait until it is published. Waits for a free slot when the customer's mailbox is full, and the events
    /// behind it wait too, whichever customer they belong to.
    pub async fn publish(&mut self, event: Event) {
        // TODO: this spawns an actor for each event, so the events of a customer overtake one another.
        let (tx, rx) = mpsc::channel(SLOTS);
        self.actors.spawn(publisher(event.customer, rx, self.journal.clone()));
        tx.send(event).await.expect("an actor outlives its mailbox");
    }

    /// Returns when everything is published and all actors have ended.
    pub async fn end(self) {
        // TODO: an actor ends when no sender to its mailbox is left.
        self.actors.close();
        self.actors.wait().await;
    }
}

/// The actor of a customer: publishes one event after another. Do not change it.
async fn publisher(customer: &'static str, mut mailbox: mpsc::Receiver<Event>, journal: Journal) {
    journal.log(customer, "has an actor");
    while let Some(event) = mailbox.recv().await {
        sleep(event.takes).await;
        journal.log(customer, format_args!("{} is published", event.name));
    }
}
