//! Nobody asked for a limit. An event that waits longer is lost.
//~ fails with: producer was expected to log "returned" at 61399 ms, but did so at 4000 ms
for event in 1..=5 {
    if tx.send_timeout(event, Duration::from_secs(1)).await.is_ok() {
        journal.log("producer", format_args!("sent event {event}"));
    }
}
