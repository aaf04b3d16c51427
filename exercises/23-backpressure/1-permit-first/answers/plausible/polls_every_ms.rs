//! Checks every millisecond. It is in time, and wakes the thread a thousand times in a second.
//~ fails with: relay was woken within 300 ms
loop {
    let Ok(permit) = permits.clone().try_acquire_owned() else {
        tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        continue;
    };
    let Some(row) = outbox.next() else { break };
    let broker = broker.clone();
    tasks.spawn(async move {
        broker.publish(row).await;
        drop(permit);
    });
}
