//! Drops the tracker instead of waiting. Unlike a `JoinSet`, a tracker leaves its tasks running, and nobody waits for them.
//~ fails with: publish_all was expected to log "returns" at 610 ms, but did so at 0 ms
let tracker = TaskTracker::new();
for event in events {
    let broker = broker.clone();
    tracker.spawn(async move { broker.publish(event).await });
}
tracker.close();
drop(tracker);
