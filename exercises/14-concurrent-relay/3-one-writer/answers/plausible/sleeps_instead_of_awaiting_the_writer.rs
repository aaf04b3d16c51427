//! Waits for 1 s, which is long enough for five lines and not for a hundred.
//~ fails with: publish_all must return at 413 ms, and returned at 1393 ms
let (tx, mut rx) = mpsc::channel(16);
tokio::spawn(async move {
    while let Some(entry) = rx.recv().await {
        log.append(entry).await;
    }
});
let tasks: Vec<_> = lanes
    .into_iter()
    .map(|lane| {
        let (broker, tx) = (broker.clone(), tx.clone());
        tokio::spawn(async move {
            for event in lane {
                let entry = broker.publish(event).await;
                tx.send(entry).await.expect("the writer outlives the lanes");
            }
        })
    })
    .collect();
for task in tasks {
    task.await.expect("no lane panics");
}
tokio::time::sleep(std::time::Duration::from_secs(1)).await;
