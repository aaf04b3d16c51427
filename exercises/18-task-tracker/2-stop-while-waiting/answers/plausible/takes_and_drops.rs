//! Checks the token when it has taken an event, and loses the event.
//~ fails with: the relay took an event
while let Some(event) = events.recv().await {
    if stop.is_cancelled() {
        break;
    }
    broker.publish(event).await;
}
