//! A mutex keeps the lines whole, and makes every lane wait for the disk. A task that owns the log does not.
//~ fails with: event 12 was expected to log "is sent" at 130 ms, but did so at 150 ms
let lock = std::sync::Arc::new(tokio::sync::Mutex::new(log));
let tasks: Vec<_> = lanes
    .into_iter()
    .map(|lane| {
        let (broker, lock) = (broker.clone(), std::sync::Arc::clone(&lock));
        tokio::spawn(async move {
            for event in lane {
                let entry = broker.publish(event).await;
                lock.lock().await.append(entry).await;
            }
        })
    })
    .collect();
for task in tasks {
    task.await.expect("no lane panics");
}
