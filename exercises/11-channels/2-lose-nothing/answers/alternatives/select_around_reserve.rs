//! Keeps one wait for each event, with an interval beside it, so that it never leaves the queue of senders.
while !events.is_empty() {
    let mut ticks = tokio::time::interval(PATIENCE);
    ticks.tick().await; // the first tick comes at once
    let mut reserving = Box::pin(tx.reserve());
    let permit = loop {
        tokio::select! {
            permit = &mut reserving => break permit,
            _ = ticks.tick() => journal.log("producer", "waits for a free slot"),
        }
    };
    let Ok(permit) = permit else { return events };
    let event = events.pop_front().expect("the queue is not empty");
    journal.log("producer", format_args!("sent {event}"));
    permit.send(event);
}
events
