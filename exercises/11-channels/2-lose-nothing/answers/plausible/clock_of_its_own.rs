//! One interval for all events: it also ticks for an event that has waited for less than 100 ms.
//~ fails with: producer was expected to log "waits for a free slot" at 471 ms, but did so at 400 ms
let mut ticks = tokio::time::interval(PATIENCE);
ticks.tick().await;
while !events.is_empty() {
    tokio::select! {
        biased;
        permit = tx.reserve() => match permit {
            Ok(permit) => {
                let event = events.pop_front().expect("the queue is not empty");
                journal.log("producer", format_args!("sent {event}"));
                permit.send(event);
            }
            Err(_closed) => return events,
        },
        _ = ticks.tick() => journal.log("producer", "waits for a free slot"),
    }
}
events
