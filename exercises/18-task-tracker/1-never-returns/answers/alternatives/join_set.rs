//! Nothing else can spawn on a `JoinSet` while it waits, so it needs no `close`.
let mut tasks = tokio::task::JoinSet::new();
for event in events {
    let broker = broker.clone();
    tasks.spawn(async move { broker.publish(event).await });
}
tasks.join_all().await;
