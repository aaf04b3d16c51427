//! Exercise 18.2: a relay that is asked to stop while it waits, or while it works.

use std::time::Duration;

use shared::Journal;
use tokio::sync::mpsc;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

/// Publishes what comes in, until it is asked to stop, or until no event can come any more.
///
/// Asked while it waits, it stops at once. Asked while it publishes, it finishes that event and takes no other.
pub async fn relay(mut events: mpsc::Receiver<&'static str>, stop: CancellationToken, journal: Journal) {
    //~ begin
    // Only the wait is cancelled. `recv` is cancel safe: an event that it has not returned is still in the queue.
    while let Some(Some(event)) = stop.run_until_cancelled(events.recv()).await {
        publish(event, &journal).await;
    }
    //~ starter
    //~| // TODO: who waits in `recv` does not look at `stop`.
    //~| while !stop.is_cancelled() {
    //~|     let Some(event) = events.recv().await else { break };
    //~|     publish(event, &journal).await;
    //~| }
    //~ end
    journal.log("relay", "stops");
}

/// Publishes an event, which takes 200 ms. Do not change it.
async fn publish(event: &'static str, journal: &Journal) {
    journal.log("relay", format_args!("sends {event}"));
    sleep(Duration::from_millis(200)).await;
    journal.log("relay", format_args!("has {event} confirmed"));
}
