//! Keeps a copy of the event that had to wait, but puts it at the end of the queue.
//~ fails with: producer was expected to log "sent order 2", but logged "sent order 3"
while let Some(event) = events.pop_front() {
    match timeout(PATIENCE, tx.send(event.clone())).await {
        Ok(Ok(())) => journal.log("producer", format_args!("sent {event}")),
        Ok(Err(_closed)) => {
            events.push_front(event);
            return events;
        }
        Err(_elapsed) => {
            journal.log("producer", "waits for a free slot");
            events.push_back(event);
        }
    }
}
events
