//! Keeps its own sender while it waits for the writer, which waits for the last sender to be dropped.
//~ fails with: does the writer wait for a sender that is still alive?
let (tx, mut rx) = mpsc::channel(16);
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
for task in tasks {
    task.await.expect("no lane panics");
}
writing.await.expect("the writer does not panic");
