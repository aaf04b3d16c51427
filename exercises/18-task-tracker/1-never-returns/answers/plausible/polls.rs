//! Checks the tracker every millisecond instead of waiting for it.
//~ fails with: publish_all was woken within 300 ms
let tracker = TaskTracker::new();
for event in events {
    let broker = broker.clone();
    tracker.spawn(async move { broker.publish(event).await });
}
while !tracker.is_empty() {
    tokio::time::sleep(std::time::Duration::from_millis(1)).await;
}
