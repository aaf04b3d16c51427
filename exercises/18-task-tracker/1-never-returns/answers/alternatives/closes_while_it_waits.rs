//! `wait` is woken by `close`, so the two may also run at the same time.
let tracker = TaskTracker::new();
for event in events {
    let broker = broker.clone();
    tracker.spawn(async move { broker.publish(event).await });
}
tokio::join!(tracker.wait(), async { tracker.close() });
