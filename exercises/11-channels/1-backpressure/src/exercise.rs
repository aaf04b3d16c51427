//! Exercise 11.1: a producer that is faster than its consumer.

use std::time::Duration;

use shared::Journal;
use tokio::sync::mpsc;
use tokio::time::sleep;

/// Sends events 1 to 5 to a consumer that is slower, and logs each once it is in the channel. Returns when all of them are.
pub async fn producer(tx: mpsc::Sender<u32>, journal: Journal) {
    // TODO: this loses events. Change it so that the consumer receives all five.
    for event in 1..=5 {
        match tx.try_send(event) {
            Ok(()) => journal.log("producer", format_args!("sent event {event}")),
            Err(error) => journal.log("producer", format_args!("event {event}: {error}")),
        }
    }
}
