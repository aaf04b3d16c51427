//! Blocks the thread that the consumer needs. Tokio notices, and panics.
//~ fails with: Cannot block the current thread from within a runtime
for event in 1..=5 {
    tx.blocking_send(event).expect("the consumer outlives its senders");
    journal.log("producer", format_args!("sent event {event}"));
}
