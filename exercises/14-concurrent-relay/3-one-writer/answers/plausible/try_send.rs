//! Throws an entry away when all slots are taken.
//~ fails with: the log must hold 100 whole lines
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
                tx.try_send(entry).ok();
            }
        })
    })
    .collect();
drop(tx);
for task in tasks {
    task.await.expect("no lane panics");
}
writing.await.expect("the writer does not panic");
