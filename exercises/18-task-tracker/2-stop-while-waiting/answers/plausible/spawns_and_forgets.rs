//! Publishes in tasks, so that the loop is always free to stop. But the tasks are not finished when it does.
//~ fails with: relay was expected to log "stops" at 465 ms, but did so at 250 ms: 215 ms too early
while let Some(Some(event)) = stop.run_until_cancelled(events.recv()).await {
    let broker = broker.clone();
    tokio::spawn(async move { broker.publish(event).await });
}
