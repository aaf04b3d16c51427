//! Checks every 10 ms whether a permit is free.
//~ fails with: outbox was expected to log "row 1 is read" at 70 ms, but did so at 80 ms
loop {
    let Ok(permit) = permits.clone().try_acquire_owned() else {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        continue;
    };
    let Some(row) = outbox.next() else { break };
    let broker = broker.clone();
    tasks.spawn(async move {
        broker.publish(row).await;
        drop(permit);
    });
}
