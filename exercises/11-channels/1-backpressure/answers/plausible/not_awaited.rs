//! A `send` that is not awaited sends nothing.
//~ fails with: producer was expected to log "sent event 4" at 137 ms, but did so at 0 ms
for event in 1..=5 {
    let _ = tx.send(event);
    journal.log("producer", format_args!("sent event {event}"));
}
