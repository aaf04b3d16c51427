//! Publishes what is queued before it stops, although that must stay in the channel.
//~ fails with: relay was expected to log "stops", but logged "sends order 3"
while let Some(Some(event)) = stop.run_until_cancelled(events.recv()).await {
    broker.publish(event).await;
}
while let Ok(event) = events.try_recv() {
    broker.publish(event).await;
}
