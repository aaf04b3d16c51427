//! Takes all that is queued at once, and publishes the whole batch although it is asked to stop meanwhile.
//~ fails with: relay was expected to log "stops", but logged "sends order 3"
let mut batch = Vec::new();
while let Some(1..) = stop.run_until_cancelled(events.recv_many(&mut batch, 8)).await {
    for event in batch.drain(..) {
        broker.publish(event).await;
    }
}
