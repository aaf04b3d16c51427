//! Logs the first 100 ms of each wait, and then waits in silence.
//~ fails with: at 200 ms producer was expected to log "waits for a free slot"
while !events.is_empty() {
    let permit = match timeout(PATIENCE, tx.reserve()).await {
        Ok(permit) => permit,
        Err(_elapsed) => {
            journal.log("producer", "waits for a free slot");
            tx.reserve().await
        }
    };
    let Ok(permit) = permit else { return events };
    let event = events.pop_front().expect("the queue is not empty");
    journal.log("producer", format_args!("sent {event}"));
    permit.send(event);
}
events
