//! Loses only a clone: the event leaves the queue once it is sent.
while let Some(event) = events.front() {
    match timeout(PATIENCE, tx.send(event.clone())).await {
        Ok(Ok(())) => {
            journal.log("producer", format_args!("sent {event}"));
            events.pop_front();
        }
        Ok(Err(_closed)) => break,
        Err(_elapsed) => journal.log("producer", "waits for a free slot"),
    }
}
events
