//! Exercise 26.3: a batch of events, of which only so many are under way at a time.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use futures::stream::{self, StreamExt};
use shared::Journal;
use tokio::time::sleep;

/// Emits at most this many events at a time. Returns their reports, in the order of the events.
pub async fn emit_batch(bus: &Bus, events: Vec<Event>, at_once: usize) -> Vec<Report> {
    // TODO: a report that is ready waits for those before it, and keeps its slot meanwhile.
    stream::iter(events).map(|event| bus.emit(event)).buffered(at_once).collect().await
}

/// An order has been placed.
#[derive(Clone, Debug)]
pub struct Event {
    pub order: u32,
    /// How long its handlers take.
    pub takes: Duration,
}

/// What became of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    pub order: u32,
    /// How many events had been handled when this one was.
    pub handled: u32,
}

/// A bus with handlers. Clones are handles to the same one. Do not change it.
#[derive(Clone)]
pub struct Bus {
    handled: Arc<AtomicU32>,
    journal: Journal,
}

impl Bus {
    pub fn new(journal: Journal) -> Self {
        Self { handled: Arc::default(), journal }
    }

    /// Calls the handlers, and waits for them.
    pub async fn emit(&self, Event { order, takes }: Event) -> Report {
        self.journal.log(format_args!("order {order}"), "begins");
        sleep(takes).await;
        self.journal.log(format_args!("order {order}"), "ends");
        Report { order, handled: self.handled.fetch_add(1, Ordering::Relaxed) + 1 }
    }
}
