//! A task for each event, awaited before the next one is spawned.
let mut confirmed = 0;
for event in events {
    let task = tokio::spawn(publish(event, broker.clone()));
    if task.await.expect("no publish panics") {
        confirmed += 1;
    }
}
confirmed
