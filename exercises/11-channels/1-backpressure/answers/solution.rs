//! Exercise 11.1: a producer that is faster than its consumer.

use std::time::Duration;

use shared::Journal;
use tokio::sync::mpsc;
use tokio::time::sleep;

/// Sends events 1 to 5 to a consumer that is slower than this loop. No event may be lost.
pub async fn producer(tx: mpsc::Sender<u32>, journal: Journal) {
    for event in 1..=5 {
        //~ begin
        // `send` waits for a place. This is how a slow consumer slows its producer down.
        tx.send(event).await.expect("the consumer outlives its senders");
        journal.log("producer", format_args!("sent event {event}"));
        //~ starter
        //~| // TODO: this loses events. Change it so that the consumer receives all five.
        //~| match tx.try_send(event) {
        //~|     Ok(()) => journal.log("producer", format_args!("sent event {event}")),
        //~|     Err(error) => journal.log("producer", format_args!("event {event}: {error}")),
        //~| }
        //~ end
    }
}

/// Takes an event every 100 ms. Do not change it.
pub async fn consumer(mut rx: mpsc::Receiver<u32>, journal: Journal) {
    loop {
        sleep(Duration::from_millis(100)).await;
        let Some(event) = rx.recv().await else { break };
        journal.log("consumer", format_args!("took event {event}"));
    }
}
