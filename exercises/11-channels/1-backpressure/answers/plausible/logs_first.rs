//! Logs what it is about to do as if it were done.
//~ fails with: producer was expected to log "sent event 4" at 137 ms, but did so at 0 ms
for event in 1..=5 {
    journal.log("producer", format_args!("sent event {event}"));
    tx.send(event).await.expect("the consumer outlives its senders");
}
