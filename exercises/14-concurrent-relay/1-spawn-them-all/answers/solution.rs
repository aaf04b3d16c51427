//! Exercise 14.1: tasks that all run at once.

use std::time::Duration;

use shared::Journal;
use tokio::task::JoinHandle;
use tokio::time::sleep;

/// An event that waits in the outbox. It is published once, so it cannot be cloned.
#[derive(Debug)]
pub struct Event {
    pub id: u32,
    pub takes: Duration,
}

/// Proof that an event was published.
#[derive(Debug, PartialEq, Eq)]
pub struct Receipt(pub u32);

/// Publishes all events at once. Returns the receipts in the order of the events.
pub async fn publish_all(events: Vec<Event>, journal: Journal) -> Vec<Receipt> {
    //~ begin
    let tasks: Vec<JoinHandle<Receipt>> =
        events.into_iter().map(|event| tokio::spawn(publish(event, journal.clone()))).collect();
    //~ starter
    //~| // TODO: at the end of this line no task has been spawned. When is each one?
    //~| let tasks = events.into_iter().map(|event| tokio::spawn(publish(event, journal.clone())));
    //~ end

    let mut receipts = Vec::new();
    for task in tasks {
        receipts.push(task.await.expect("no publish panics"));
    }
    receipts
}

/// Publishes an event. Do not change it.
async fn publish(event: Event, journal: Journal) -> Receipt {
    let task = format!("task {}", event.id);
    journal.log(&task, "starts");
    sleep(event.takes).await;
    journal.log(&task, "has its receipt");
    Receipt(event.id)
}
