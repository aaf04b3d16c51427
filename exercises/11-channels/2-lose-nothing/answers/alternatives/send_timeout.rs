//! `send_timeout` gives the event back when time is up, and when the receiver is gone.
use tokio::sync::mpsc::error::SendTimeoutError;
while let Some(event) = events.pop_front() {
    let name = event.clone();
    match tx.send_timeout(event, PATIENCE).await {
        Ok(()) => journal.log("producer", format_args!("sent {name}")),
        Err(SendTimeoutError::Timeout(event)) => {
            journal.log("producer", "waits for a free slot");
            events.push_front(event);
        }
        Err(SendTimeoutError::Closed(event)) => {
            events.push_front(event);
            return events;
        }
    }
}
events
