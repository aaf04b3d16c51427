//! Awaits the lanes only. The writer has lines left to write.
//~ fails with: when publish_all returns, the log must hold 5 whole lines
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
drop(tx);
for task in tasks {
    task.await.expect("no lane panics");
}
