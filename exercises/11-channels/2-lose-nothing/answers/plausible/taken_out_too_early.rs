//! Takes the event out of the queue before it has a slot. When the receiver goes away, that event does not come back.
//~ fails with: order 4 is lost: it was neither sent nor returned
while let Some(event) = events.pop_front() {
    let permit = loop {
        match timeout(PATIENCE, tx.reserve()).await {
            Ok(Ok(permit)) => break permit,
            Ok(Err(_closed)) => return events,
            Err(_elapsed) => journal.log("producer", "waits for a free slot"),
        }
    };
    journal.log("producer", format_args!("sent {event}"));
    permit.send(event);
}
events
