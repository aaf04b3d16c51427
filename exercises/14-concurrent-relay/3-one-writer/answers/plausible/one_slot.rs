//! With one slot, a lane waits for the disk as soon as the disk is behind.
//~ fails with: The channel has 16 slots, so 16 do not make the lane wait
let (tx, mut rx) = mpsc::channel(1);
let writing = tokio::spawn(async move {
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
writing.await.expect("the writer does not panic");
