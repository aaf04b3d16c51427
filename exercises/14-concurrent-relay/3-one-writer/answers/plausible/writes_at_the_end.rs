//! Collects the entries and writes them when all events are published.
//~ fails with: at 300 ms, the log must hold 3 whole lines
let tasks: Vec<_> = lanes
    .into_iter()
    .map(|lane| {
        let broker = broker.clone();
        tokio::spawn(async move {
            let mut entries = Vec::new();
            for event in lane {
                entries.push(broker.publish(event).await);
            }
            entries
        })
    })
    .collect();
for task in tasks {
    for entry in task.await.expect("no lane panics") {
        log.append(entry).await;
    }
}
