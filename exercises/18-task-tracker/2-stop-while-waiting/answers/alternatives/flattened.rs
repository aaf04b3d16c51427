//! To the loop it makes no difference which of the two has ended.
while let Some(event) = stop.run_until_cancelled(events.recv()).await.flatten() {
    broker.publish(event).await;
}
