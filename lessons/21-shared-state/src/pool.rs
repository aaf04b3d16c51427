//! Three workers that share one queue: each takes the next event when it is free.

use std::sync::Arc;
use std::time::Duration;

use shared::Journal;
use tokio::sync::{Mutex, mpsc};
use tokio::task::JoinSet;
use tokio::time::sleep;

/// How many workers there are.
pub const WORKERS: usize = 3;

/// An event, and how long its publish takes.
#[derive(Clone, Copy, Debug)]
pub struct Event {
    pub id: u32,
    pub takes: Duration,
}

/// Publishes all events of the queue.
// ANCHOR: pool
pub async fn pool(events: mpsc::Receiver<Event>, journal: Journal) {
    let events = Arc::new(Mutex::new(events)); // Tokio's
    let mut workers = JoinSet::new();
    for number in 1..=WORKERS {
        workers.spawn(worker(number, Arc::clone(&events), journal.clone()));
    }
    workers.join_all().await;
}
// ANCHOR_END: pool

// ANCHOR: worker
async fn worker(number: usize, events: Arc<Mutex<mpsc::Receiver<Event>>>, journal: Journal) {
    while let Some(event) = next(&events).await {
        publish(number, event, &journal).await;
    }
}

/// The guard is dropped when this returns.
async fn next(events: &Mutex<mpsc::Receiver<Event>>) -> Option<Event> {
    events.lock().await.recv().await
}
// ANCHOR_END: worker

pub(crate) async fn publish(number: usize, event: Event, journal: &Journal) {
    let name = format!("worker {number}");
    journal.log(&name, format_args!("takes event {}", event.id));
    sleep(event.takes).await;
    journal.log(&name, format_args!("has published event {}", event.id));
}

/// A queue of five events, which has ended.
pub fn five_events() -> mpsc::Receiver<Event> {
    let (events, queue) = mpsc::channel(5);
    for (id, takes_ms) in (1..).zip([210, 100, 310, 50, 130]) {
        let event = Event { id, takes: Duration::from_millis(takes_ms) };
        events.try_send(event).expect("there is a slot for each");
    }
    queue
}
