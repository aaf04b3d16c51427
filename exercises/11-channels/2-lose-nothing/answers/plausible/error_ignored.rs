//! `send_timeout` gives the event back in both of its errors. This keeps it in one of them.
//~ fails with: order 4 is lost: it was neither sent nor returned
use tokio::sync::mpsc::error::SendTimeoutError;
while let Some(event) = events.pop_front() {
    let name = event.clone();
    match tx.send_timeout(event, PATIENCE).await {
        Ok(()) => journal.log("producer", format_args!("sent {name}")),
        Err(SendTimeoutError::Closed(_)) => return events,
        Err(SendTimeoutError::Timeout(event)) => {
            journal.log("producer", "waits for a free slot");
            events.push_front(event);
        }
    }
}
events
