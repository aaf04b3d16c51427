//! Exercise 17.1: a relay that hears of each event as soon as it has ended, and leaves no task behind.

use std::time::Duration;

use shared::Journal;
use tokio::task::JoinSet;
use tokio::time::sleep;

/// Publishes all events at once, and notes each as soon as it is published. Dropping this future stops all of it.
pub async fn relay(events: Vec<Event>, journal: Journal) {
    //~ begin
    let mut tasks = JoinSet::new();
    for event in events {
        tasks.spawn(publish(event, journal.clone()));
    }
    while let Some(ended) = tasks.join_next().await {
        let name = ended.expect("no publish panics");
        journal.log("relay", format_args!("marks {name}"));
    }
    //~ starter
    //~| // TODO: this marks in the order of the events, and its tasks go on when it is dropped.
    //~| let mut tasks = Vec::new();
    //~| for event in events {
    //~|     tasks.push(tokio::spawn(publish(event, journal.clone())));
    //~| }
    //~| for task in tasks {
    //~|     let name = task.await.expect("no publish panics");
    //~|     journal.log("relay", format_args!("marks {name}"));
    //~| }
    //~ end
}

/// An event, and how long it takes to publish it.
#[derive(Clone, Copy, Debug)]
pub struct Event {
    pub name: &'static str,
    pub takes_ms: u64,
}

/// Publishes an event. Do not change it.
async fn publish(event: Event, journal: Journal) -> &'static str {
    sleep(Duration::from_millis(event.takes_ms)).await;
    journal.log(event.name, "is published");
    event.name
}
