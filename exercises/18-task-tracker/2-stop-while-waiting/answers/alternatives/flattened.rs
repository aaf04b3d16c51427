//! The loop ends either way, so it does not need to know which of the two happened.
while let Some(event) = stop.run_until_cancelled(events.recv()).await.flatten() {
    broker.publish(event).await;
}
