//! The permit before the task, but after the row: one row waits in the loop.
//~ fails with: outbox was expected to log "row 1 is read" at 70 ms, but did so at 0 ms
for row in outbox {
    let permit = permits.clone().acquire_owned().await.expect("it is never closed");
    let broker = broker.clone();
    tasks.spawn(async move {
        broker.publish(row).await;
        drop(permit);
    });
}
