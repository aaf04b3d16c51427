//! Looks every 10 ms whether there is a free slot. The second producer waits for one, and overtakes it.
//~ fails with: producer was expected to log "sent event 4" at 137 ms, but did so at 510 ms
for event in 1..=5 {
    while tx.try_send(event).is_err() {
        sleep(Duration::from_millis(10)).await;
    }
    journal.log("producer", format_args!("sent event {event}"));
}
