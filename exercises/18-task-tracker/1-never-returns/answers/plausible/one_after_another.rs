//! Publishes the next event only when the one before is confirmed, so nothing is left to wait for. It takes the sum of all times.
//~ fails with: refund was expected to log "is confirmed" at 130 ms, but did so at 1110 ms
let tracker = TaskTracker::new();
for event in events {
    tracker.track_future(broker.publish(event)).await;
}
