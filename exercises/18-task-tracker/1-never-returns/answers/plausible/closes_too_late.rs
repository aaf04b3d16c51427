//! Closes the tracker when `wait` has returned, and `wait` returns only when the tracker is closed.
//~ fails with: publish_all has not returned: it is still waiting after an hour. Tasks that have ended: 3 of 3
let tracker = TaskTracker::new();
for event in events {
    let broker = broker.clone();
    tracker.spawn(async move { broker.publish(event).await });
}
tracker.wait().await;
tracker.close();
