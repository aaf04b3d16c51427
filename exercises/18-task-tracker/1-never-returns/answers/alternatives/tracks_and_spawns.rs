//! The tracker counts the futures, and Tokio spawns them.
let tracker = TaskTracker::new();
for event in events {
    let broker = broker.clone();
    tokio::spawn(tracker.track_future(async move { broker.publish(event).await }));
}
tracker.close();
tracker.wait().await;
