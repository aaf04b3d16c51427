//! Waits for the slot first, and then fills it.
for event in 1..=5 {
    let permit = tx.reserve().await.expect("the consumer outlives its senders");
    permit.send(event);
    journal.log("producer", format_args!("sent event {event}"));
}
