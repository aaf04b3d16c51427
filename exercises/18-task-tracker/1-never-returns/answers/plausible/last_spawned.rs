//! Waits for the task that was spawned last, which is not the one that ends last.
//~ fails with: publish_all was expected to log "returns" at 610 ms, but did so at 130 ms
let tracker = TaskTracker::new();
let mut last = None;
for event in events {
    let broker = broker.clone();
    last = Some(tracker.spawn(async move { broker.publish(event).await }));
}
if let Some(last) = last {
    last.await.expect("no publish panics");
}
