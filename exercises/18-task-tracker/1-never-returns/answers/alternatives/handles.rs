//! Awaits every handle. With all of them at hand, nothing needs a tracker.
let mut tasks = Vec::new();
for event in events {
    let broker = broker.clone();
    tasks.push(tokio::spawn(async move { broker.publish(event).await }));
}
for task in tasks {
    task.await.expect("no publish panics");
}
