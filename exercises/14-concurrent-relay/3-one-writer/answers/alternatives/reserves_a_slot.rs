//! Reserves the slot before it publishes, and takes several entries from the channel at a time.
let (tx, mut rx) = mpsc::channel(16);
let writing = tokio::spawn(async move {
    let mut entries = Vec::new();
    while rx.recv_many(&mut entries, 8).await > 0 {
        for entry in entries.drain(..) {
            log.append(entry).await;
        }
    }
});
let mut tasks = tokio::task::JoinSet::new();
for lane in lanes {
    let (broker, tx) = (broker.clone(), tx.clone());
    tasks.spawn(async move {
        for event in lane {
            let slot = tx.reserve().await.expect("the writer outlives the lanes");
            slot.send(broker.publish(event).await);
        }
    });
}
drop(tx);
tasks.join_all().await;
writing.await.expect("the writer does not panic");
