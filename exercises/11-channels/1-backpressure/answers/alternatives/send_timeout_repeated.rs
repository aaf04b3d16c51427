//! Starts again every 100 ms with the event that came back, and otherwise waits.
for event in 1..=5 {
    while tx.send_timeout(event, Duration::from_millis(100)).await.is_err() {}
    journal.log("producer", format_args!("sent event {event}"));
}
