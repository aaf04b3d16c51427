//! Does not read too early, and publishes one row at a time.
//~ fails with: outbox was expected to log "row 3 is read" at 0 ms, but did so at 290 ms
for row in outbox {
    broker.publish(row).await;
}
