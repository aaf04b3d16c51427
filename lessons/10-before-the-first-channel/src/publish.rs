//! Publishing an event: an async function does nothing until it is awaited.

use std::time::Duration;

use shared::Journal;
use tokio::time::sleep;

/// An event in the outbox, not yet published.
#[derive(Clone, Copy, Debug)]
pub struct Event {
    pub name: &'static str,
    /// How long the broker takes to confirm it.
    pub confirmed_after: Duration,
}

/// The events that the relay of this lesson publishes. One after another they take 600 ms.
pub const OUTBOX: [Event; 3] = [
    Event { name: "upload completed", confirmed_after: Duration::from_millis(300) },
    Event { name: "payment processed", confirmed_after: Duration::from_millis(200) },
    Event { name: "notification delivered", confirmed_after: Duration::from_millis(100) },
];

/// Sends an event to the broker, waits for the confirmation and returns the event's name. `task` names the row of
/// the timeline.
// ANCHOR: publish
pub async fn publish(task: &'static str, event: Event, journal: Journal) -> &'static str {
    journal.log(task, format_args!("sends \"{}\"", event.name));
    sleep(event.confirmed_after).await; // the broker works
    journal.log(task, format_args!("\"{}\" is confirmed", event.name));
    event.name
}
// ANCHOR_END: publish

/// Creates a future, keeps it for 500 ms, then awaits it. Nothing is sent before that.
// ANCHOR: made-then-awaited
pub async fn made_then_awaited(journal: Journal) {
    let publishing = publish("relay", OUTBOX[0], journal.clone());
    journal.log("relay", "has created a future");
    sleep(Duration::from_millis(500)).await;
    journal.log("relay", "awaits it");
    publishing.await;
}
// ANCHOR_END: made-then-awaited

/// Publishes the outbox in order: each event is sent after the one before it has been confirmed.
// ANCHOR: one-after-another
pub async fn one_after_another(journal: Journal) {
    for event in OUTBOX {
        publish("relay", event, journal.clone()).await;
    }
    journal.log("relay", "marks 3 events as published");
}
// ANCHOR_END: one-after-another
