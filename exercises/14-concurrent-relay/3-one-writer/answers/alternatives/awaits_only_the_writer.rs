//! The writer ends when the last lane has ended, so one handle is enough. (A panic in a lane would go unseen.)
let (tx, mut rx) = mpsc::channel(16);
let writing = tokio::spawn(async move {
    while let Some(entry) = rx.recv().await {
        log.append(entry).await;
    }
});
for lane in lanes {
    let (broker, tx) = (broker.clone(), tx.clone());
    tokio::spawn(async move {
        for event in lane {
            let entry = broker.publish(event).await;
            tx.send(entry).await.expect("the writer outlives the lanes");
        }
    });
}
drop(tx);
writing.await.expect("the writer does not panic");
