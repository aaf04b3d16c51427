//! Without a free permit the relay ends, and the rest of the outbox is not published.
//~ fails with: at 70 ms outbox was expected to log "row 1 is read", but never did
while let Ok(permit) = permits.clone().try_acquire_owned() {
    let Some(row) = outbox.next() else { break };
    let broker = broker.clone();
    tasks.spawn(async move {
        broker.publish(row).await;
        drop(permit);
    });
}
