//! A task for each event: a worker publishes all of its events at once.
//~ fails with: worker 1 was expected to log "published order 7" at 2100 ms, but did so at 90 ms
let (done_tx, mut done_rx) = mpsc::channel(3);
for (index, event) in events.into_iter().enumerate() {
    let (done_tx, broker) = (done_tx.clone(), broker.clone());
    tokio::spawn(async move {
        let event = publish(index % workers + 1, event, &broker).await;
        done_tx.send(event).await.expect("the collector outlives the workers");
    });
}
drop(done_tx);
let mut published = Vec::new();
while let Some(event) = done_rx.recv().await {
    published.push(event);
}
published
