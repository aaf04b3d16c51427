//! Publishes the next event only when the last one is confirmed: nothing is left to wait for, and it takes the sum.
//~ fails with: refund was expected to log "is confirmed" at 130 ms, but did so at 1110 ms
let tracker = TaskTracker::new();
for event in events {
    tracker.track_future(broker.publish(event)).await;
}
