//! Exercise 10.2: tasks that wait for each other without need.

use std::time::Duration;

use shared::Journal;
use tokio::time::sleep;

/// An event, and how long the broker takes to confirm it.
#[derive(Clone, Copy, Debug)]
pub struct Event {
    pub id: u64,
    pub confirmed_after: Duration,
}

/// The broker's confirmation of the event with this id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Receipt(pub u64);

/// Publishes all events at once. Returns their receipts in the order of `outbox`.
pub async fn publish_all(outbox: Vec<Event>, journal: Journal) -> Vec<Receipt> {
    //~ begin
    // The first loop ends before anything is awaited: by then every task has been handed to the runtime.
    let mut handles = Vec::new();
    for event in outbox {
        handles.push(tokio::spawn(publish(event, journal.clone())));
    }
    let mut receipts = Vec::new();
    for handle in handles {
        receipts.push(handle.await.expect("no publish panics"));
    }
    receipts
    //~ starter
    //~| // TODO: this takes 600 ms instead of 300. When does the second task start?
    //~| let mut receipts = Vec::new();
    //~| for event in outbox {
    //~|     let handle = tokio::spawn(publish(event, journal.clone()));
    //~|     receipts.push(handle.await.expect("no publish panics"));
    //~| }
    //~| receipts
    //~ end
}

/// Sends an event to the broker and waits for its receipt. Do not change it.
pub async fn publish(event: Event, journal: Journal) -> Receipt {
    journal.log(format_args!("task {}", event.id), "sent its event");
    sleep(event.confirmed_after).await;
    journal.log(format_args!("task {}", event.id), "has its receipt");
    Receipt(event.id)
}
