//! Publishes and writes in one loop: no line is torn, because nothing is done at once.
//~ fails with: event 25 was expected to log "is sent" at 0 ms, but did so at 410 ms
for event in lanes.into_iter().flatten() {
    let entry = broker.publish(event).await;
    log.append(entry).await;
}
