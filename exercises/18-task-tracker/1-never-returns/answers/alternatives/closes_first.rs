//! A closed tracker still accepts tasks, and `wait` is called when all of them are spawned.
let tracker = TaskTracker::new();
tracker.close();
for event in events {
    let broker = broker.clone();
    tracker.spawn(async move { broker.publish(event).await });
}
tracker.wait().await;
