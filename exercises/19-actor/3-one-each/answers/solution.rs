//! Exercise 19.3: events of one customer must keep their order, those of two customers should not wait for one another.

use std::collections::BTreeMap;
use std::time::Duration;

use shared::Journal;
use tokio::sync::mpsc;
use tokio::time::sleep;
use tokio_util::task::TaskTracker;

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
    //~ begin
    /// The way to the actor of each customer that had an event.
    mailboxes: BTreeMap<&'static str, mpsc::Sender<Event>>,
    //~ starter
    //~| // TODO: keep the way to each customer's actor.
    //~ end
    actors: TaskTracker,
    journal: Journal,
}

impl Relay {
    /// A relay that has no actors yet.
    pub fn new(journal: Journal) -> Self {
        Self {
            //~ begin
            mailboxes: BTreeMap::new(),
            //~ starter
            //~| // TODO: at first there are none.
            //~ end
            actors: TaskTracker::new(),
            journal,
        }
    }

    /// Has the event published by its customer's actor, after all earlier events of that customer. Does not wait for it.
    pub async fn publish(&mut self, event: Event) {
        //~ begin
        let mailbox = self.mailboxes.entry(event.customer).or_insert_with(|| {
            let (tx, rx) = mpsc::channel(8);
            self.actors.spawn(publisher(event.customer, rx, self.journal.clone()));
            tx
        });
        mailbox.send(event).await.expect("an actor outlives its mailbox");
        //~ starter
        //~| // TODO: this spawns an actor for each event, and so a customer's events overtake one another.
        //~| let (tx, rx) = mpsc::channel(8);
        //~| self.actors.spawn(publisher(event.customer, rx, self.journal.clone()));
        //~| tx.send(event).await.expect("an actor outlives its mailbox");
        //~ end
    }

    /// Returns when everything is published, and all actors have ended.
    pub async fn end(self) {
        //~ begin
        // Else the actors wait for more.
        drop(self.mailboxes);
        //~ starter
        //~| // TODO: an actor ends when nobody can send to it any more.
        //~ end
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
