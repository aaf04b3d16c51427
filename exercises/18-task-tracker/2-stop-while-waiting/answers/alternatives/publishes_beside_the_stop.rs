//! Publishes in a task, and waits for that task before it takes the next event or stops.
while let Some(Some(event)) = stop.run_until_cancelled(events.recv()).await {
    let broker = broker.clone();
    tokio::spawn(async move { broker.publish(event).await }).await.expect("no publish panics");
}
