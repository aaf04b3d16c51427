//! A source that does not wait: its callback must return immediately. What cannot be published is dropped, rejected, or parked.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use shared::Journal;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, sleep, sleep_until};
use tokio_util::task::TaskTracker;

/// At most this many events are published at the same time.
const LIMIT: usize = 2;
/// When each event arrives, and how long it takes to publish, in milliseconds.
const ARRIVALS: [(u64, u64); 6] = [(0, 70), (10, 120), (20, 30), (40, 50), (90, 60), (100, 20)];

/// An event that arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrival {
    pub id: u32,
    takes: Duration,
}

/// Publishes what it has a free slot for.
pub struct Relay {
    permits: Arc<Semaphore>,
    tasks: TaskTracker,
    journal: Journal,
}

impl Relay {
    pub fn new(journal: Journal) -> Self {
        Self { permits: Arc::new(Semaphore::new(LIMIT)), tasks: TaskTracker::new(), journal }
    }

    /// Publishes the event in a task if a slot is free. Never waits.
    ///
    /// # Errors
    /// No slot is free. The error is the event.
    // ANCHOR: offer
    pub fn offer(&self, event: Arrival) -> Result<(), Arrival> {
        let Ok(permit) = Arc::clone(&self.permits).try_acquire_owned() else {
            return Err(event); // the caller decides
        };
        self.spawn(event, permit);
        Ok(())
    }
    // ANCHOR_END: offer

    fn spawn(&self, event: Arrival, permit: OwnedSemaphorePermit) {
        let journal = self.journal.clone();
        self.tasks.spawn(async move {
            sleep(event.takes).await;
            journal.log("relay", format_args!("published event {}", event.id));
            drop(permit);
        });
    }

    async fn drained(self) {
        self.tasks.close();
        self.tasks.wait().await;
    }
}

/// Readings of a thermometer: one that does not fit is dropped, and counted. The next one is more recent anyway.
// ANCHOR: drop
pub async fn drop_it(journal: Journal) {
    let (relay, mut dropped) = (Relay::new(journal.clone()), 0);
    for_each_arrival(&journal, |event| {
        dropped += u32::from(relay.offer(event).is_err());
    })
    .await;
    relay.drained().await;
    journal.log("relay", format_args!("has dropped {dropped} events"));
}
// ANCHOR_END: drop

/// Requests of a client: it is told immediately, and decides itself.
// ANCHOR: reject
pub async fn reject(journal: Journal) {
    let relay = Relay::new(journal.clone());
    for_each_arrival(&journal, |event| {
        if let Err(event) = relay.offer(event) {
            journal.log("client", format_args!("is told that event {} is rejected", event.id));
        }
    })
    .await;
    relay.drained().await;
}
// ANCHOR_END: reject

/// Payments: all are written to a table at once, and the relay publishes them when it can.
// ANCHOR: park
pub async fn park(journal: Journal) {
    let relay = Relay::new(journal.clone());
    let table = Mutex::new(VecDeque::new()); // on a disk, which is much larger than the memory
    let arriving = for_each_arrival(&journal, |event| table.lock().unwrap().push_back(event));
    let relaying = async {
        for _ in ARRIVALS {
            let permit = Arc::clone(&relay.permits).acquire_owned().await.expect("it is never closed");
            let event = first_row(&table).await;
            relay.spawn(event, permit);
        }
    };
    tokio::join!(arriving, relaying);
    relay.drained().await;
}
// ANCHOR_END: park

/// Takes the first row of the table, and polls every 5 ms until there is one.
async fn first_row(table: &Mutex<VecDeque<Arrival>>) -> Arrival {
    loop {
        if let Some(event) = table.lock().expect("a push does not panic").pop_front() {
            return event;
        }
        sleep(Duration::from_millis(5)).await;
    }
}

/// Calls back for each event when it arrives, however long the earlier ones take.
async fn for_each_arrival(journal: &Journal, mut callback: impl FnMut(Arrival)) {
    let start = Instant::now();
    for (id, (at_ms, takes_ms)) in (1..).zip(ARRIVALS) {
        sleep_until(start + Duration::from_millis(at_ms)).await;
        journal.log("source", format_args!("event {id} arrives"));
        callback(Arrival { id, takes: Duration::from_millis(takes_ms) });
    }
}
