//! Guesses how long the tasks take.
//~ fails with: publish_all was expected to log "returns" at 130 ms, but did so at 610 ms
let tracker = TaskTracker::new();
for event in events {
    let broker = broker.clone();
    tracker.spawn(async move { broker.publish(event).await });
}
tokio::time::sleep(std::time::Duration::from_millis(610)).await;
