//! The task does not own the permit, which is dropped at the end of each iteration.
//~ fails with: outbox was expected to log "row 1 is read" at 70 ms, but did so at 0 ms
loop {
    let _permit = permits.acquire().await.expect("it is never closed");
    let Some(row) = outbox.next() else { break };
    let broker = broker.clone();
    tasks.spawn(async move { broker.publish(row).await });
}
