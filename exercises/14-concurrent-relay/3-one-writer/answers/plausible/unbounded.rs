//! Nothing limits how many entries wait for a slow disk.
//~ fails with: when all slots are taken, it must wait: more than 40 are too many
let (tx, mut rx) = mpsc::unbounded_channel();
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
                tx.send(entry).expect("the writer outlives the lanes");
            }
        })
    })
    .collect();
drop(tx);
for task in tasks {
    task.await.expect("no lane panics");
}
writing.await.expect("the writer does not panic");
