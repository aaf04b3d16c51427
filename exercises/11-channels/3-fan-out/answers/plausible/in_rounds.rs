//! Publishes in rounds: every worker waits until the slowest of the round is done.
//~ fails with: worker 1 was expected to log "published order 4" at 2010 ms, but did so at 2910 ms
let mut published = Vec::new();
for round in events.chunks(workers) {
    let mut tasks = tokio::task::JoinSet::new();
    for (number, event) in (1..).zip(round) {
        let (event, broker) = (event.clone(), broker.clone());
        tasks.spawn(async move { publish(number, event, &broker).await });
    }
    published.extend(tasks.join_all().await);
}
published
