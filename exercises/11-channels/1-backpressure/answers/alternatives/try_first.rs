//! Waits only where there is no free slot.
for event in 1..=5 {
    if tx.try_send(event).is_err() {
        tx.send(event).await.expect("the consumer outlives its senders");
    }
    journal.log("producer", format_args!("sent event {event}"));
}
