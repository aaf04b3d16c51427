//! A task for each event, and the producer waits for it.
for event in 1..=5 {
    let tx = tx.clone();
    let sent = tokio::spawn(async move { tx.send(event).await }).await.expect("a send does not panic");
    sent.expect("the consumer outlives its senders");
    journal.log("producer", format_args!("sent event {event}"));
}
