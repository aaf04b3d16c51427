//! Each event waits in a task of its own. The producer itself never waits, so a fast one would fill the memory with tasks.
//~ fails with: at 0 ms producer was expected to log "sent event 1", but logged "returned"
for event in 1..=5 {
    let (tx, journal) = (tx.clone(), journal.clone());
    tokio::spawn(async move {
        tx.send(event).await.expect("the consumer outlives its senders");
        journal.log("producer", format_args!("sent event {event}"));
    });
}
