//! `_` is no name: the permit is dropped at once.
//~ fails with: outbox was expected to log "row 1 is read" at 70 ms, but did so at 0 ms
loop {
    let Some(row) = outbox.next() else { break };
    let _ = permits.clone().acquire_owned().await.expect("it is never closed");
    let broker = broker.clone();
    tasks.spawn(async move { broker.publish(row).await });
}
