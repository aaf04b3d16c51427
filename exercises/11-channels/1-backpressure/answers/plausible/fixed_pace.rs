//! Guesses the pace of the consumer.
//~ fails with: producer was expected to log "sent event 4" at 137 ms, but did so at 100 ms
for event in 1..=5 {
    if event > 3 {
        sleep(Duration::from_millis(100)).await;
        tokio::task::yield_now().await;
    }
    let _ = tx.try_send(event);
    journal.log("producer", format_args!("sent event {event}"));
}
