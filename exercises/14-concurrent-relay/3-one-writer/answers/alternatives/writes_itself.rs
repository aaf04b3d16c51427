//! The task that calls `publish_all` is the writer. The end of the channel says that all lanes are done.
let (tx, mut rx) = mpsc::channel(16);
let lanes: Vec<_> = lanes
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
while let Some(entry) = rx.recv().await {
    log.append(entry).await;
}
for lane in lanes {
    lane.await.expect("no lane panics");
}
