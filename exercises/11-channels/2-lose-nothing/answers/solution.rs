//! Exercise 11.2: a producer that must not wait in silence, and must not lose an event either.

use std::collections::VecDeque;
use std::time::Duration;

use shared::Journal;
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};

/// After this long without a free slot, the producer logs that it waits.
const PATIENCE: Duration = Duration::from_millis(100);

/// Sends the events, first to last, and logs each as sent. Each time it has waited for another 100 ms for a slot, it logs "waits
/// for a free slot". Returns the events that it could not send because the receiver is gone; none, if all went well.
pub async fn deliver(
    mut events: VecDeque<String>,
    tx: mpsc::Sender<String>,
    journal: Journal,
) -> VecDeque<String> {
    //~ begin
    while !events.is_empty() {
        // What the timeout cancels is the wait for a slot. The events stay in the queue until there is one.
        match timeout(PATIENCE, tx.reserve()).await {
            Ok(Ok(permit)) => {
                let event = events.pop_front().expect("the queue is not empty");
                journal.log("producer", format_args!("sent {event}"));
                permit.send(event);
            }
            Ok(Err(_closed)) => return events,
            Err(_elapsed) => journal.log("producer", "waits for a free slot"),
        }
    }
    events
    //~ starter
    //~| // TODO: this loses the event that it waits with. Which line drops it?
    //~| while let Some(event) = events.pop_front() {
    //~|     let name = event.clone();
    //~|     match timeout(PATIENCE, tx.send(event)).await {
    //~|         Ok(Ok(())) => journal.log("producer", format_args!("sent {name}")),
    //~|         Ok(Err(_closed)) => return events,
    //~|         Err(_elapsed) => journal.log("producer", "waits for a free slot"),
    //~|     }
    //~| }
    //~| events
    //~ end
}
